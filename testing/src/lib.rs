//! Test environments for krate operators: the embedded API server, or a real one.
