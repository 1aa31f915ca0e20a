//! What belongs to this server as a whole: its own key, its name, its default language.

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::schema::instance;
use super::{Store, Write};
use crate::domain::language::Language;
use crate::domain::secret::{self, InstanceKey};
use crate::each_database;

const KEY: &str = "key";
const SETUP: &str = "setup_hash";

/// What the operator has set for the whole server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the service whose windows these are.
    pub service_name: String,
    /// The language that texts fall back to.
    pub default_language: Language,
    /// The IANA zone that the service lives in; new windows and staff times are shown in it.
    pub time_zone: String,
}

fn value(connection: &mut Db, name: &str) -> Result<Option<String>> {
    Ok(instance::table.find(name).select(instance::value).first(connection).optional()?)
}

fn keep(write: &mut Write<'_>, name: &str, value: &str) -> Result<()> {
    each_database!(&mut *write.connection, c => diesel::insert_into(instance::table)
        .values((instance::name.eq(name), instance::value.eq(value)))
        .on_conflict(instance::name)
        .do_update()
        .set(instance::value.eq(value))
        .execute(c))?;
    Ok(())
}

/// The settings as they stand; what was never set has a sensible value.
pub fn settings(connection: &mut Db) -> Result<Settings> {
    let default_language = value(connection, "default_language")?.and_then(|l| Language::from_tag(&l));
    Ok(Settings {
        service_name: value(connection, "service_name")?.unwrap_or_default(),
        default_language: default_language.unwrap_or(Language::ZhCn),
        time_zone: value(connection, "time_zone")?.unwrap_or_else(|| "Asia/Shanghai".to_owned()),
    })
}

/// Changes the settings.
pub fn change_settings(write: &mut Write<'_>, settings: &Settings) -> Result<()> {
    keep(write, "service_name", &settings.service_name)?;
    keep(write, "default_language", settings.default_language.code())?;
    keep(write, "time_zone", &settings.time_zone)?;
    super::changes::announce(write, super::changes::Kind::Settings, None)
}

/// Writes a row that means nothing, to see whether anything can be written.
pub(super) fn probe(write: &mut Write<'_>) -> Result<()> {
    keep(write, "probe", &write.now.to_string())
}

/// The instance's key, made when it is first asked for.
pub fn key(store: &Store) -> Result<InstanceKey> {
    store.write_here(|write| {
        if let Some(kept) = value(write.connection, KEY)? {
            return InstanceKey::from_hex(&kept)
                .ok_or_else(|| Error::Internal("the instance key is damaged".into()));
        }
        let key = InstanceKey::new(rand::random());
        keep(write, KEY, &key.to_hex())?;
        Ok(key)
    })
}

/// The instance's key, for work inside a transaction. The server has made it at its first start.
pub(super) fn key_in(connection: &mut Db) -> Result<InstanceKey> {
    let kept = value(connection, KEY)?;
    let key = kept.and_then(|kept| InstanceKey::from_hex(&kept));
    key.ok_or_else(|| Error::Internal("the instance key is missing or damaged".into()))
}

/// Makes a new set-up link's secret, replacing the one before, unless somebody has been set up.
pub fn make_setup_secret(store: &Store) -> Result<Option<String>> {
    let secret = random_secret();
    let kept = secret.clone();
    store.write_here(move |write| {
        if super::people::any(write.connection)? {
            return Ok(None);
        }
        keep(write, SETUP, &secret::hash(&kept))?;
        Ok(Some(kept.clone()))
    })
}

/// Whether this is the secret of the set-up link, and nobody has been set up with it yet.
pub fn is_setup_secret(connection: &mut Db, secret: &str) -> Result<bool> {
    if super::people::any(connection)? {
        return Ok(false);
    }
    Ok(value(connection, SETUP)?.is_some_and(|hash| secret::matches(secret, &hash)))
}

/// A secret of 160 random bits.
pub fn random_secret() -> String {
    secret::base32(&rand::random::<[u8; 20]>())
}
