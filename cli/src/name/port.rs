//! Image and port of a scaffolded Deployment.

use crate::error::{Error, Result};

/// A reference to a container image: `[registry[:port]/]path[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image(String);

impl Image {
    pub(crate) fn parse(text: &str) -> Result<Image> {
        match image_fault(text) {
            None => Ok(Image(text.to_owned())),
            Some(why) => Err(Error::usage(format!("`{text}` is not an image: {why}"))
                .help("write a reference such as `memcached:1.6` or `registry.example.com:5000/team/cache@sha256:…`")),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn image_fault(text: &str) -> Option<&'static str> {
    let (rest, digest) = text
        .split_once('@')
        .map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    // A colon before the last slash belongs to the registry's port, not to a tag.
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    let colon = rest[last..].find(':').map(|colon| last + colon);
    let (path, tag) = colon.map_or((rest, None), |colon| (&rest[..colon], Some(&rest[colon + 1..])));
    if text.len() > 255 {
        Some("it is longer than 255 characters")
    } else if path.is_empty() || path.split('/').any(|part| !is_path_part(part)) {
        Some("its path must be lower-case words between `/`")
    } else if tag.is_some_and(|tag| !is_tag(tag)) {
        Some("its tag must be letters, digits, `.`, `_` or `-`, at most 128")
    } else if digest.is_some_and(|digest| !is_digest(digest)) {
        Some("its digest must be `sha256:` and 64 hexadecimal digits")
    } else {
        None
    }
}

fn is_path_part(part: &str) -> bool {
    let (host, port) = part.split_once(':').unwrap_or((part, "0"));
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    host.bytes().all(legal)
        && edge(host.as_bytes().first())
        && edge(host.as_bytes().last())
        && port.parse::<u16>().is_ok()
}

fn is_tag(tag: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=128).contains(&tag.len()) && tag.bytes().all(legal) && !tag.starts_with(['.', '-'])
}

fn is_digest(digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A container's port: 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port(u16);

impl Port {
    pub(crate) fn parse(text: &str) -> Result<Port> {
        match text.parse::<u16>() {
            Ok(number) if number > 0 => Ok(Port(number)),
            _ => Err(Error::usage(format!("`{text}` is not a port")).help("write a number from 1 to 65535")),
        }
    }

    pub(crate) fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_with_and_without_registry_tag_and_digest_pass() {
        let digest = format!("cache@sha256:{}", "a".repeat(64));
        for good in [
            "memcached",
            "memcached:1.6.26-alpine",
            "reg.example.com:5000/team/cache:v1",
            "a/b/c",
            &digest,
        ] {
            assert!(Image::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let long = "a".repeat(256);
        for bad in [
            "",
            ":",
            "a:",
            ":1",
            "A",
            "a//b",
            "a b",
            "a:b c",
            "a@sha256:12",
            "a/",
            "a:x:y",
            "a\"b",
            &long,
        ] {
            assert!(Image::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ports_are_those_of_tcp() {
        for (text, legal) in [
            ("1", true),
            ("65535", true),
            ("0", false),
            ("65536", false),
            ("-1", false),
            ("x", false),
        ] {
            assert_eq!(Port::parse(text).is_ok(), legal, "{text}");
        }
    }
}
