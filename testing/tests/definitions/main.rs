//! Definitions and objects of theirs, held against the embedded API server and a real one: what is refused, in which
//! words, and what is kept of what is taken.
//!
//! The tables are the `.txt` files: cases of requests and what is said to them, see [`case`] for how they are written.
//! [`trial`] sends the requests of a case; [`arms`] runs every case on every arm. A case that fails prints what the
//! server said in the form of the table.

mod arms;
mod case;
mod trial;
