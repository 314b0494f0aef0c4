//! Databases: read only, in one snapshot, streamed in batches.
