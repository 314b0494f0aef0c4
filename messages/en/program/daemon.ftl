report-panicked = the report ended in a panic; the log has its text
