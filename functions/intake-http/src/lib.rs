//! intake-http
