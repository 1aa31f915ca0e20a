//! `interlude health`: for a container's health check, where there is no other client.

use std::time::Duration;

use clap::Args;

use super::{Coded, exit};
use crate::config::ServeOptions;

/// Ask the server at --listen whether it lives; exit code 3 if it does not.
#[derive(Debug, Args)]
pub(super) struct HealthCommand {
    /// Ask also whether its database can be used (/readyz instead of /healthz).
    #[arg(long)]
    ready: bool,
}

pub(super) fn run(options: &ServeOptions, command: &HealthCommand) -> anyhow::Result<()> {
    let scheme = if options.tls_certificate.is_some() { "https" } else { "http" };
    let path = if command.ready { "/readyz" } else { "/healthz" };
    let url = format!("{scheme}://{}{path}", near(&options.listen));
    let failed = |why: String| -> anyhow::Error {
        Coded { code: exit::UNAVAILABLE, message: format!("{url}: {why}") }.into()
    };
    let agent = super::doctor::client(Duration::from_secs(5), true);
    let mut answer = agent.get(&url).call().map_err(|e| failed(e.to_string()))?;
    let said = answer.body_mut().read_to_string().unwrap_or_default();
    if answer.status().as_u16() != 200 {
        return Err(failed(format!("{} {said}", answer.status())));
    }
    say!("{said}");
    Ok(())
}

/// An address that can be called, for one that stands for all of the machine's.
fn near(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}
