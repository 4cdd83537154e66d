//! What can go wrong, told apart as far as callers act on it.

/// The kind of an [`Error`](super::Error), and whether retrying helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API server refused or failed in a way not listed here; the status tells.
    Api,
    /// The object does not exist, or no longer.
    NotFound,
    /// An object of that name exists; reading it again helps.
    AlreadyExists,
    /// The object changed since it was read; retrying with the newer one helps.
    Conflict,
    /// The operator may not do that; its role lacks a permission, so retrying does not help.
    Forbidden,
    /// The API server found the object invalid; only another object helps.
    Invalid,
    /// The API server asks to slow down; retrying later helps.
    Throttled,
    /// No answer in time; the request may have been carried out all the same.
    Timeout,
    /// No connection, or it broke; the request may have been carried out all the same.
    Transport,
    /// An answer that is not what the type says; retrying does not help.
    Decode,
    /// The term in which this process led is over, so the write was not sent; retrying with the same client does not
    /// help, the next leader does the work.
    NotLeader,
    /// Another controller owns the object; it was left alone.
    Controlled,
    /// An object of that name is there and belongs to nobody; it was left alone.
    Unowned,
    /// Other managers own fields that an apply sets; they were left alone, and retrying does not help.
    Contested,
    /// Something this run waits for is not there yet.
    NotReady,
    /// Any other error, mostly the user's own.
    Other,
}
