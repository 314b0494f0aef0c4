//! Score, rank, movement and acceptance.
