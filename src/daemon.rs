//! What wakes the pipeline on schedule.
