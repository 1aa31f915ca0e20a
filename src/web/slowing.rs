//! Who is slowed when log-ins fail: an account and an address, or a browser that the account was
//! logged in with before. What they owe is kept in the database; see [`crate::domain::slowing`].

use actix_web::HttpRequest;

use crate::domain::secret;
use crate::domain::slowing::{ACCOUNT, ADDRESS, CODE, Price, account_key, address_key, code_key};
use crate::store::instance::random_secret;
use crate::store::people::second_factor::Waiting;
use crate::store::{Write, login_debts};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::visitor::Visitor;

/// The cookie by which a browser is known again.
fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude_device" } else { "interlude_device" }
}

fn seal(app: &App, name: &str, number: &str) -> String {
    secret::base32(&app.key.derive(&["login device", name, number])[..20])
}

/// The number in this browser's cookie, if this account was logged in with it before.
fn known_device(app: &App, request: &HttpRequest, name: &str) -> Option<String> {
    let cookie = request.cookie(cookie_name(app))?;
    let (number, sealed) = cookie.value().split_once('.')?;
    let good = secret::matches(sealed, &secret::hash(&seal(app, name, number)));
    good.then(|| number.to_owned())
}

/// The cookie for a browser in which this account has just been logged in.
pub(super) fn device_cookie(app: &App, request: &HttpRequest, name: &str) -> (&'static str, String) {
    let number = known_device(app, request, name).unwrap_or_else(|| random_secret()[..16].to_owned());
    let sealed = seal(app, name, &number);
    (cookie_name(app), format!("{number}.{sealed}"))
}

/// Whose debts an attempt adds to.
#[derive(Debug, Clone)]
pub(super) struct Debts {
    /// The key of the account, or of the account in this browser.
    pub account: String,
    /// The key of the address, if it is known.
    pub address: Option<String>,
    price: Price,
}

impl Debts {
    /// For a password of the account with this name, as typed.
    pub fn of_account(app: &App, request: &HttpRequest, visitor: &Visitor, name: &str) -> Debts {
        let tidy = name.trim().to_lowercase();
        let device = known_device(app, request, &tidy);
        let account = account_key(&app.key, &tidy, device.as_deref());
        let address = visitor.address.map(|address| address_key(&app.key, address));
        Debts { account, address, price: ACCOUNT }
    }

    /// For a code of somebody whose password fitted.
    pub fn of_code(app: &App, request: &HttpRequest, visitor: &Visitor, waiting: &Waiting) -> Debts {
        let device = known_device(app, request, &waiting.name);
        let account = code_key(&app.key, waiting.person_id, device.as_deref());
        let address = visitor.address.map(|address| address_key(&app.key, address));
        Debts { account, address, price: CODE }
    }

    /// Forgets what the account owes, and gives back what this attempt cost: it did not fail.
    pub async fn forgive(&self, app: &App) -> Result<(), Failure> {
        let debts = self.clone();
        let forgiven = app.store.write(move |w| debts.forgive_in(w));
        Ok(forgiven.await?)
    }

    /// [`Debts::forgive`] in a change that is under way.
    pub fn forgive_in(&self, write: &mut Write<'_>) -> crate::store::Result<()> {
        login_debts::clear(write, &self.account)?;
        match &self.address {
            Some(address) => login_debts::refund(write, address, ADDRESS),
            None => Ok(()),
        }
    }

    /// Charges one attempt, before it is made: of many at once none is free.
    pub async fn charge(&self, app: &App) -> Result<(), Failure> {
        if !app.limits.are_on() {
            return Ok(());
        }
        let debts = self.clone();
        let charged = app.store.write(move |w| {
            if let Some(address) = &debts.address
                && let Err(wait) = login_debts::charge(w, address, ADDRESS)?
            {
                return Ok(Err(wait));
            }
            login_debts::charge(w, &debts.account, debts.price)
        });
        charged.await?.map_err(Failure::TooMany)
    }
}
