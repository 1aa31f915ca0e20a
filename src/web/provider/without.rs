//! What stands in the place of the client in a program that was built without OpenID Connect; such a
//! one does not start with a provider.

use super::{Options, Trouble};
use crate::store::people::identities::{Away, Identity};

fn without<T>() -> Result<T, Trouble> {
    Err(Trouble::Unreachable("this program was built without OpenID Connect".to_owned()))
}

pub(super) fn fresh(next: String, person_id: Option<i64>) -> Away {
    Away { nonce: String::new(), verifier: String::new(), next, person_id }
}

pub(super) fn go(_: &Options, _: &str, _: String, _: &Away) -> Result<String, Trouble> {
    without()
}

pub(super) fn identify(_: &Options, _: &str, _: String, _: &Away) -> Result<Identity, Trouble> {
    without()
}
