//! The krate book; its chapters and the code they include are checked by this crate's tests.
//!
//! The text is in `src/`, starting at `src/SUMMARY.md`; `mdbook serve book` shows it.
