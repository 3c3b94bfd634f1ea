//! auto-close
