//! The paths of a client's SPoCs, through the router, on the ports in memory.

mod credentials;
mod inputs;
mod kit;
mod repeated;
mod tickets;
