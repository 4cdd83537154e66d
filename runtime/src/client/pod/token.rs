//! The token of a service account, which kubelet exchanges well before it expires.

use std::path::{Path, PathBuf};

use http::HeaderValue;

use super::fresh::Fresh;
use super::place::read;
use crate::{Error, Result};

/// A token in a file.
#[derive(Debug)]
pub(super) struct Token(Fresh<HeaderValue>);

impl Token {
    /// Reads a token.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(super) fn read(file: PathBuf) -> Result<Self> {
        Fresh::new(file, header).map(Self)
    }

    /// Returns the header that shows the token.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.get()
    }

    /// Notes that the server did not take it: the next request reads the file again.
    pub(super) fn refused(&self) {
        self.0.doubt();
    }
}

fn header(file: &Path, _: Option<&HeaderValue>) -> Result<HeaderValue> {
    let token = read(file)?;
    let header = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    // What is in the file stays out of the error.
    let mut header =
        header.map_err(|_| Error::new(format!("what is in `{}` is not a token", file.display())))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fresh::FRESH;
    use super::*;

    fn write(file: &std::path::Path, text: &str) {
        std::fs::write(file, text).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_read_again_after_a_minute_or_a_refusal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        write(&file, "one\n");
        let token = Token::read(file.clone()).unwrap();
        assert_eq!(token.header(), "Bearer one");
        assert!(token.header().is_sensitive());
        write(&file, "two");
        tokio::time::advance(FRESH - Duration::from_secs(1)).await;
        assert_eq!(token.header(), "Bearer one");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(token.header(), "Bearer two");
        write(&file, "three");
        assert_eq!(token.header(), "Bearer two");
        token.refused();
        assert_eq!(token.header(), "Bearer three");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_outlives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        write(&file, "one");
        let token = Token::read(file.clone()).unwrap();
        std::fs::remove_file(&file).unwrap();
        tokio::time::advance(FRESH).await;
        assert_eq!(token.header(), "Bearer one");
        write(&file, "two");
        tokio::time::advance(FRESH).await;
        assert_eq!(token.header(), "Bearer two");
    }

    #[tokio::test]
    async fn what_is_not_a_token_is_told_without_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let error = Token::read(file.clone()).unwrap_err().to_string();
        assert!(
            error.contains("/token`, which a pod has unless it or its service account sets"),
            "{error}"
        );
        write(&file, "a\nb");
        let error = Token::read(file).unwrap_err().to_string();
        assert!(error.ends_with("/token` is not a token"), "{error}");
    }
}
