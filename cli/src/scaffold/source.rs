//! Where a scaffolded project takes krate from.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::disk::Disk;
use crate::error::{Error, Result};

/// The checkout this program was built from, if it was built from one.
const BUILT_FROM: &str = env!("CARGO_MANIFEST_DIR");

/// Where the new project takes krate from
#[derive(Clone, Debug, Default, clap::Args)]
#[group(multiple = false)]
pub(crate) struct SourceArgs {
    /// Depend on this version of krate
    #[arg(long, value_name = "VERSION", help_heading = "Where krate comes from")]
    pub(crate) krate_version: Option<String>,
    /// Depend on krate in a git repository; a revision may follow after `#`
    #[arg(long, value_name = "URL[#REV]", help_heading = "Where krate comes from")]
    pub(crate) krate_git: Option<String>,
    /// Depend on krate in a checkout of it
    #[arg(long, value_name = "DIR", help_heading = "Where krate comes from")]
    pub(crate) krate_path: Option<PathBuf>,
}

/// Where krate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Version(String),
    Git { url: String, rev: Option<String> },
    Path(PathBuf),
}

/// Returns the checkout this program was built from, if it is still there.
pub(crate) fn checkout(disk: &dyn Disk) -> Option<PathBuf> {
    let checkout = Path::new(BUILT_FROM).parent()?;
    is_checkout(checkout, disk).then(|| checkout.to_owned())
}

impl Source {
    /// Returns what was asked for, else the checkout this program was built from, else this program's version.
    pub(crate) fn choose(args: &SourceArgs, here: &Path, disk: &dyn Disk) -> Result<Source> {
        if let Some(version) = &args.krate_version {
            return version_of(version);
        }
        if let Some(git) = &args.krate_git {
            return git_of(git);
        }
        if let Some(path) = &args.krate_path {
            return path_of(&here.join(path), disk);
        }
        let version = || Source::Version(env!("CARGO_PKG_VERSION").to_owned());
        Ok(checkout(disk).map_or_else(version, Source::Path))
    }

    /// Returns the source in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Source::Version(version) => format!("version {version}"),
            Source::Git { url, rev: None } => format!("the git repository {url}"),
            Source::Git { url, rev: Some(rev) } => format!("revision {rev} of {url}"),
            Source::Path(path) => format!("the checkout {}", path.display()),
        }
    }

    /// Returns the lock file to start from: that of the checkout, whose versions are known to work and to be at hand.
    pub(crate) fn lock_file(&self, disk: &dyn Disk) -> Result<Option<String>> {
        let Source::Path(path) = self else {
            return Ok(None);
        };
        crate::plan::read_text(disk, path, "Cargo.lock")
    }

    pub(super) fn data(&self) -> SourceData {
        SourceData {
            runtime: self.toml("runtime"),
            testing: self.toml("testing"),
            path: matches!(self, Source::Path(_)),
            git: matches!(self, Source::Git { .. }),
        }
    }

    /// Returns what stands between the braces of a dependency.
    fn toml(&self, folder: &str) -> String {
        let string = |text: &str| toml_edit::Value::from(text).to_string();
        match self {
            Source::Version(version) => format!("version = {}", string(version)),
            Source::Git { url, rev: None } => format!("git = {}", string(url)),
            Source::Git { url, rev: Some(rev) } => format!("git = {}, rev = {}", string(url), string(rev)),
            Source::Path(path) => format!("path = {}", string(&path.join(folder).to_string_lossy())),
        }
    }
}

/// A [`Source`] as templates see it.
#[derive(Serialize)]
pub(super) struct SourceData {
    runtime: String,
    testing: String,
    path: bool,
    git: bool,
}

fn version_of(text: &str) -> Result<Source> {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<_> = core.trim_start_matches(['=', '^', '~']).split('.').collect();
    if parts.len() > 3 || !parts.iter().all(|part| number(part)) {
        let error = Error::usage(format!("`{text}` is not a version"));
        return Err(error.help("write a version such as `0.1.0` after `--krate-version`"));
    }
    Ok(Source::Version(text.to_owned()))
}

fn git_of(text: &str) -> Result<Source> {
    let (url, rev) = text
        .split_once('#')
        .map_or((text, None), |(url, rev)| (url, Some(rev)));
    let schemes = ["https://", "http://", "ssh://", "git://", "file://"];
    let legal =
        |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if !legal(url) || !schemes.iter().any(|scheme| url.starts_with(scheme)) || !rev.is_none_or(legal) {
        let error = Error::usage(format!("`{text}` is not the address of a git repository"));
        return Err(
            error.help("write an address such as `https://example.com/krate.git#main` after `--krate-git`")
        );
    }
    Ok(Source::Git {
        url: url.to_owned(),
        rev: rev.map(ToOwned::to_owned),
    })
}

fn path_of(path: &Path, disk: &dyn Disk) -> Result<Source> {
    let missing = || {
        Error::usage(format!("`{}` is not a checkout of krate", path.display()))
            .help("give the folder that has `runtime/` and `testing/` after `--krate-path`")
    };
    let path = fs_err::canonicalize(path).map_err(|error| missing().because(error))?;
    if is_checkout(&path, disk) {
        Ok(Source::Path(path))
    } else {
        Err(missing())
    }
}

fn is_checkout(path: &Path, disk: &dyn Disk) -> bool {
    let there = |file: &str| disk.exists(&path.join(file)).unwrap_or(false);
    there("runtime/Cargo.toml") && there("testing/Cargo.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    fn choose(args: &SourceArgs) -> Result<Source> {
        Source::choose(args, Path::new("/"), &RealDisk)
    }

    #[test]
    fn a_program_built_from_a_checkout_points_there() {
        let checkout = Path::new(BUILT_FROM).parent().unwrap().to_owned();
        assert_eq!(choose(&SourceArgs::default()).unwrap(), Source::Path(checkout));
    }

    #[test]
    fn each_source_becomes_a_dependency() {
        let check = |source: Source, expected: &str| assert_eq!(source.toml("runtime"), expected);
        check(version_of("0.1.0").unwrap(), r#"version = "0.1.0""#);
        check(
            git_of("https://a.b/c.git").unwrap(),
            r#"git = "https://a.b/c.git""#,
        );
        check(
            git_of("https://a.b/c.git#v1").unwrap(),
            r#"git = "https://a.b/c.git", rev = "v1""#,
        );
        check(Source::Path("/a \"b\"".into()), r#"path = '/a "b"/runtime'"#);
    }

    #[test]
    fn what_cannot_be_a_source_is_refused() {
        for version in ["", "x", "1.2.3.4", "1..2", "1 \"\n"] {
            assert!(version_of(version).is_err(), "{version}");
        }
        for git in ["", "c.git", "https://a b", "https://a#"] {
            assert!(git_of(git).is_err(), "{git}");
        }
        let args = SourceArgs {
            krate_path: Some("nowhere".into()),
            ..SourceArgs::default()
        };
        assert!(choose(&args).is_err());
    }
}
