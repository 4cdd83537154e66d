//! Steps of a story: one line each, with the time it took.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Result;
use crate::shell::Shell;

/// Tells steps as they are done.
pub(super) struct Story<'a> {
    shell: &'a mut Shell,
    began: Instant,
}

impl<'a> Story<'a> {
    pub(super) fn new(shell: &'a mut Shell) -> Self {
        Self {
            shell,
            began: Instant::now(),
        }
    }

    /// Does one step and says, under `verb`, what it returns to say.
    pub(super) async fn step<T>(
        &mut self,
        verb: &str,
        doing: impl Future<Output = Result<(String, T)>>,
    ) -> Result<T> {
        let began = Instant::now();
        let (message, value) = doing.await?;
        self.shell
            .status(verb, format!("{message} in {}", seconds(began.elapsed())));
        Ok(value)
    }

    /// Does one step that talks itself while it is at it.
    pub(super) fn step_with<T>(
        &mut self,
        verb: &str,
        doing: impl FnOnce(&mut Shell) -> Result<(String, T)>,
    ) -> Result<T> {
        let began = Instant::now();
        let (message, value) = doing(self.shell)?;
        self.shell
            .status(verb, format!("{message} in {}", seconds(began.elapsed())));
        Ok(value)
    }

    pub(super) fn shell(&mut self) -> &mut Shell {
        self.shell
    }

    /// How long all of it took so far.
    pub(super) fn elapsed(&self) -> String {
        seconds(self.began.elapsed())
    }
}

/// Writes a duration as cargo does, with the precision its size deserves.
pub(super) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{:.3}s", duration.as_secs_f64()),
        1..60 => format!("{:.2}s", duration.as_secs_f64()),
        seconds => format!("{}m {:02}s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_precise_as_their_size_deserves() {
        let check = |millis, expected: &str| assert_eq!(seconds(Duration::from_millis(millis)), expected);
        check(7, "0.007s");
        check(3_456, "3.46s");
        check(65_000, "1m 05s");
    }
}
