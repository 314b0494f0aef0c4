//! Sets a document on the official page: positioned boxes in millimetres.
