//! How far long work is: a bar on a terminal, plain lines otherwise. On standard error, so that
//! standard output holds only what was asked for.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::store::backup::Progress;

/// Between two plain lines lies at least so much.
const EVERY: Duration = Duration::from_secs(5);

/// Shows progress to whoever sits there.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
    work: &'static str,
    said: Instant,
}

impl Shown {
    pub(super) fn new() -> Shown {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("{prefix:>10} {wide_bar} {human_pos}/{human_len} {msg:20}");
            let bar = ProgressBar::new(0);
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Shown { bar, work: "", said: Instant::now() }
    }
}

impl Progress for Shown {
    fn begin(&mut self, work: &'static str) {
        self.work = work;
        match &self.bar {
            Some(bar) => bar.set_prefix(work),
            None => tell!("{work} …"),
        }
        self.said = Instant::now();
    }

    fn at(&mut self, table: &str, done: u64, all: u64) {
        match &self.bar {
            Some(bar) => {
                bar.set_length(all);
                bar.set_position(done);
                bar.set_message(table.to_owned());
            }
            None if self.said.elapsed() >= EVERY => {
                tell!("{} {done} of {all} rows ({table})", self.work);
                self.said = Instant::now();
            }
            None => {}
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
