//! The krate book; its code is compiled and its chapters are checked by this crate's tests.
