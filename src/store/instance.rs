//! What belongs to this server as a whole: its own key, its name, its default language.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::appearance::{self, Appearance};
use super::connection::Db;
use super::error::{Error, Result};
use super::schema::instance;
use super::{Store, Write};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::notice::Usual;
use crate::domain::origin::Origin;
use crate::domain::secret::{self, InstanceKey};
use crate::domain::zone::Zone;
use crate::each_database;

const KEY: &str = "key";
const SETUP: &str = "setup_hash";
const SETUP_SEED: &str = "setup_seed";

/// What the operator has set for the whole server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the service whose windows these are.
    pub service_name: String,
    /// The language that texts fall back to.
    pub default_language: Language,
    /// The zone that the service lives in; new windows and staff times are shown in it.
    pub time_zone: Zone,
    /// How the pages look; changed by [`appearance::change`] alone.
    pub appearance: Appearance,
    /// The sites that may show our forms inside a page of theirs.
    pub embed_origins: BTreeSet<Origin>,
}

impl Settings {
    /// What is usual for windows that are written here.
    pub fn usual(&self) -> Usual {
        Usual { language: self.default_language, zone: self.time_zone, imported: false }
    }

    /// The names of the settings that are another in `new`, beside the appearance, which is changed by
    /// itself.
    pub fn differing(&self, new: &Settings) -> Vec<&'static str> {
        [
            ("service_name", self.service_name != new.service_name),
            ("default_language", self.default_language != new.default_language),
            ("time_zone", self.time_zone != new.time_zone),
            ("embed_origins", self.embed_origins != new.embed_origins),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

/// What is kept under this name.
pub(super) fn value(connection: &mut Db, name: &str) -> Result<Option<String>> {
    // Without a LIMIT, which would have it prepared anew each time.
    Ok(instance::table.find(name).select(instance::value).get_result(connection).optional()?)
}

/// Keeps a value under a name, in the place of the one before.
pub(super) fn keep(write: &mut Write<'_>, name: &str, value: &str) -> Result<()> {
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
        time_zone: time_zone(connection)?,
        appearance: appearance::load(connection)?,
        embed_origins: value(connection, "embed_origins")?
            .map(|kept| kept.lines().filter_map(Origin::parse).collect())
            .unwrap_or_default(),
    })
}

/// The service's time zone, alone.
pub fn time_zone(connection: &mut Db) -> Result<Zone> {
    let kept = value(connection, "time_zone")?;
    // With a name that no zone has any more the server goes on, by universal time.
    Ok(kept.as_deref().unwrap_or("Asia/Shanghai").parse().unwrap_or(Zone::UTC))
}

/// Changes the settings and gives them as they then are; the appearance stays as it is.
pub fn change_settings(write: &mut Write<'_>, new: &Settings) -> Result<Settings> {
    keep(write, "service_name", &new.service_name)?;
    keep(write, "default_language", new.default_language.code())?;
    keep(write, "time_zone", new.time_zone.name())?;
    let origins: Vec<&str> = new.embed_origins.iter().map(Origin::as_str).collect();
    keep(write, "embed_origins", &origins.join("\n"))?;
    super::changes::announce(write, super::changes::Kind::Settings, None)?;
    settings(write.connection)
}

/// Below this many answers or reports a figure shows its counts alone, if nobody has set another number.
pub const MINIMUM_N: u64 = 5;
/// The least and the most that [`set_minimum_n`] takes. A share of one answer is no share.
pub const MINIMUM_N_RANGE: std::ops::RangeInclusive<u64> = 2..=1_000;

/// Below this many answers or reports a figure shows its counts alone.
pub fn minimum_n(connection: &mut Db) -> Result<u64> {
    let kept = value(connection, "minimum_n")?.and_then(|n| n.parse().ok());
    Ok(kept.filter(|n| MINIMUM_N_RANGE.contains(n)).unwrap_or(MINIMUM_N))
}

/// Sets below how many answers or reports a figure shows its counts alone.
///
/// Errors: `out-of-range` at `minimum_n`.
pub fn set_minimum_n(write: &mut Write<'_>, n: u64) -> Result<()> {
    if !MINIMUM_N_RANGE.contains(&n) {
        let (min, max) = (MINIMUM_N_RANGE.start().to_string(), MINIMUM_N_RANGE.end().to_string());
        let mut errors = crate::domain::fields::FieldErrors::new();
        errors.add_with("minimum_n", "out-of-range", [("min", min), ("max", max)]);
        return Err(errors.into());
    }
    keep(write, "minimum_n", &n.to_string())
}

/// Writes a row that means nothing, to see whether anything can be written, and on PostgreSQL whether
/// nobody keeps the tables of reports locked.
pub(super) fn probe(write: &mut Write<'_>) -> Result<()> {
    if let Db::Postgres(c) = &mut *write.connection {
        c.batch_execute(
            "LOCK TABLE idempotency_keys, reports, report_contents, report_events, report_counters, \
             report_minutes IN ROW EXCLUSIVE MODE",
        )?;
    }
    keep(write, "probe", &write.now.to_string())
}

/// The instance's key, made when it is first asked for; one for all instances on a database.
pub fn key(store: &Store) -> Result<InstanceKey> {
    store.write_here(key_in)
}

/// The same, for work inside a transaction.
pub fn key_in(write: &mut Write<'_>) -> Result<InstanceKey> {
    if value(write.connection, KEY)?.is_none() {
        // Of two that start at once the second waits here and then takes the first's.
        let new = InstanceKey::new(rand::random()).to_hex();
        each_database!(&mut *write.connection, c => diesel::insert_into(instance::table)
            .values((instance::name.eq(KEY), instance::value.eq(&new)))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    let kept = value(write.connection, KEY)?.unwrap_or_default();
    InstanceKey::from_hex(&kept).ok_or_else(|| Error::Internal("the instance key is damaged".into()))
}

/// How long the same set-up link is given to every instance that starts, in hours; the first that
/// starts later replaces it.
const SETUP_HOURS: i64 = 24;

/// The secret of the set-up link, unless somebody has been set up. It is the same for all instances
/// that start within a day, so that the link of each of them works.
pub fn make_setup_secret(store: &Store) -> Result<Option<String>> {
    let key = key(store)?;
    store.write_here(move |write| {
        if super::people::any(write.connection)? {
            return Ok(None);
        }
        if let Db::Postgres(c) = &mut *write.connection {
            // Of two that start at once the second must see what the first has made.
            c.batch_execute("LOCK TABLE instance IN SHARE ROW EXCLUSIVE MODE")?;
        }
        let kept = value(write.connection, SETUP_SEED)?;
        let young = |seed: &String| {
            let made = seed.split_once(' ').and_then(|(made, _)| Instant::parse_rfc3339(made));
            made.is_some_and(|made| made > write.now.plus_hours(-SETUP_HOURS) && made <= write.now)
        };
        let seed = match kept.filter(young) {
            Some(seed) => seed,
            None => format!("{} {}", write.now.rfc3339(), random_secret()),
        };
        let secret = secret::base32(&key.derive(&["set-up", &seed])[..20]);
        keep(write, SETUP_SEED, &seed)?;
        keep(write, SETUP, &secret::hash(&secret))?;
        Ok(Some(secret))
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
