//! `version`: what this program is.

use serde_json::json;

use crate::error::Result;
use crate::shell::Shell;

pub(super) fn run(shell: &mut Shell) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let twin = json!({
        "reason": "version",
        "version": version,
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
    });
    shell.data(&format!("cargo-krate {version}\n"), &twin);
    Ok(())
}
