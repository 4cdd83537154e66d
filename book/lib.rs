//! The krate book; its chapters and the code they include are checked by this crate's tests.
//!
//! The text is in `src/`, starting at `src/SUMMARY.md`; `mdbook serve book` shows it.

macro_rules! chapters {
    ($($name:ident $file:literal)*) => {
        // The code of each chapter is a doc test; chapters without code are not here.
        $(#[cfg(doctest)] #[doc = include_str!(concat!("src/", $file))] struct $name;)*
    };
}

chapters! {
    ApiTypes "api-types.md"
    Certificates "certificates.md"
    Defects "defects.md"
    HighAvailability "high-availability.md"
    Observability "observability.md"
    Versions "versions.md"
    Webhooks "webhooks.md"
}
