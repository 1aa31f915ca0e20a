//! What a test could not try on this machine is said where somebody sees it: what a passing test prints
//! is kept back by the one who runs it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Names the file that `scripts/test` reads: one line for each test and reason, with a tab between them.
const FILE: &str = "INTERLUDE_TEST_LEFT_OUT";

/// The test that calls this is left out, or a part of it, for this reason. `cargo test` says each reason
/// once.
pub fn left_out(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let thread = std::thread::current();
    let line = format!("{why}\t{}\n", thread.name().unwrap_or("a test"));
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(why.to_owned()) {
        // Not by `eprintln!`, which is what is kept back.
        std::io::stderr().write_all(format!("left out: {why}\n").as_bytes()).unwrap();
    }
    if let Some(file) = std::env::var_os(FILE).filter(|file| !file.is_empty())
        && said.insert(line.clone())
    {
        let mut file = File::options().append(true).create(true).open(file).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}
