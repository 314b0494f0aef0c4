//! Messages and their transport.
