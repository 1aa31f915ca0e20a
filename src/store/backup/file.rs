//! A backup of SQLite: a database file that every tool can open, with a seal.
//!
//! SQLite itself does not notice a changed letter in a text. So the file holds its own SHA-256, in a
//! table of one row, computed with zeros in the place of its digits; and the header of every
//! backup, in another table. Both are taken out again when it is restored.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use sha2::{Digest, Sha256};

use super::stream::{Progress, go_on, hex};
use super::{Error, Header, Result, at, live};
use crate::store::connection::{Database, Db};

/// How every SQLite file begins.
pub const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The table of the seal.
pub const SEAL: &str = "backup_seal";
/// The table of the header.
pub const HEADER: &str = "backup_header";

const MARK: &str = "interlude backup sha256 ";
const DIGITS: usize = 64;

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Writes one snapshot of a database file, in use or not, into an empty file.
pub fn write(source: &Path, path: &Path, progress: &mut dyn Progress) -> Result<Header> {
    exists(source)?;
    let mut live = Database::Sqlite(source.to_owned()).open(10_000).map_err(crate::store::Error::opening)?;
    live::header(&mut live)?;
    let Db::Sqlite(c) = &mut live else {
        return Err(Error::Foreign("not a database file".to_owned()));
    };
    // From here to its end SQLite asks nobody: a process that ends meanwhile does not wait for it.
    go_on(progress)?;
    sql_query("VACUUM INTO $1").bind::<Text, _>(path.to_string_lossy()).execute(c)?;
    drop(live);
    go_on(progress)?;

    let mut copy = plain(&path.to_string_lossy())?;
    let header = live::header(&mut copy)?;
    progress.at("", header.rows(), header.rows());
    let json = serde_json::to_string(&header).map_err(|e| Error::Damaged(e.to_string()))?;
    let Db::Sqlite(mut c) = copy else {
        return Err(Error::Foreign("not a database file".to_owned()));
    };
    c.batch_execute(&format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE {HEADER} (header TEXT NOT NULL); \
         CREATE TABLE {SEAL} (seal TEXT NOT NULL);"
    ))?;
    sql_query(format!("INSERT INTO {HEADER} VALUES ($1)")).bind::<Text, _>(json).execute(&mut c)?;
    let empty = format!("{MARK}{}", "0".repeat(DIGITS));
    sql_query(format!("INSERT INTO {SEAL} VALUES ($1)")).bind::<Text, _>(empty).execute(&mut c)?;
    let place = place(&mut c, path)?;
    drop(c);
    let digest = digest(path, place, progress)?;
    let mut file = OpenOptions::new().write(true).open(path).map_err(at(path))?;
    file.seek(SeekFrom::Start(place))
        .and_then(|_| file.write_all(digest.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(at(path))?;
    Ok(header)
}

/// Refuses a path with no file, where opening would make an empty database.
pub fn exists(path: &Path) -> Result<()> {
    if path.is_file() { Ok(()) } else { Err(Error::Foreign(format!("{} does not exist", path.display()))) }
}

/// Opens a file as it is, without the settings of a database in use.
fn plain(name: &str) -> Result<Db> {
    Ok(Db::Sqlite(SqliteConnection::establish(name).map_err(crate::store::Error::opening)?))
}

/// Opens a file that nobody changes, leaving nothing beside it.
pub fn read_only(path: &Path) -> Result<Db> {
    let mut name = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                name.push(char::from(*byte))
            }
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    plain(&(name + "?mode=ro&immutable=1"))
}

/// Reads what the file says of itself, and where its seal is. Says nothing about damage yet.
pub fn seal(path: &Path) -> Result<(Header, u64)> {
    complete(path)?;
    let Db::Sqlite(mut c) = read_only(path)? else {
        return Err(Error::Foreign("not a database file".to_owned()));
    };
    let damaged = |e: diesel::result::Error| Error::Damaged(e.to_string());
    let tables: Vec<Said> = sql_query(format!(
        "SELECT name AS said FROM sqlite_master WHERE name IN ('{SEAL}', '{HEADER}', '__diesel_schema_migrations')"
    ))
    .load(&mut c)
    .map_err(damaged)?;
    let has = |name: &str| tables.iter().any(|t| t.said == name);
    if !has(SEAL) || !has(HEADER) {
        return Err(Error::Foreign(if has("__diesel_schema_migrations") {
            format!(
                "{} is a database, not a backup; `interlude transfer --from sqlite:{}` moves it",
                path.display(),
                path.display()
            )
        } else {
            format!("{} is a database of another program", path.display())
        }));
    }
    let said: Vec<Said> =
        sql_query(format!("SELECT header AS said FROM {HEADER}")).load(&mut c).map_err(damaged)?;
    let said = said.first().ok_or_else(|| Error::Damaged("it has lost its header".to_owned()))?;
    #[derive(serde::Deserialize)]
    struct Known {
        format: u32,
        product: String,
    }
    let wrong = |e: serde_json::Error| Error::Damaged(format!("its header: {e}"));
    let known: Known = serde_json::from_str(&said.said).map_err(wrong)?;
    if known.format > super::FORMAT {
        return Err(Error::Newer(format!("version {} in format {}", known.product, known.format)));
    }
    let header: Header = serde_json::from_str(&said.said).map_err(wrong)?;
    header.is_known()?;
    Ok((header, place(&mut c, path)?))
}

/// Refuses a file that is shorter than its own first page says.
fn complete(path: &Path) -> Result<()> {
    let mut head = [0u8; 100];
    let mut file = File::open(path).map_err(at(path))?;
    let size = file.metadata().map_err(at(path))?.len();
    let cut = || Error::Damaged("it is cut off".to_owned());
    file.read_exact(&mut head).map_err(|_| cut())?;
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    if size < pages * page_size(&head) {
        return Err(cut());
    }
    Ok(())
}

fn page_size(head: &[u8; 100]) -> u64 {
    match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    }
}

/// Where in the file the digits of the seal are.
fn place(c: &mut SqliteConnection, path: &Path) -> Result<u64> {
    let lost = || Error::Damaged("it has lost its seal".to_owned());
    let root: Vec<Number> = sql_query("SELECT rootpage AS number FROM sqlite_master WHERE name = $1")
        .bind::<Text, _>(SEAL)
        .load(c)?;
    let root = root.first().map(|r| r.number.unsigned_abs()).filter(|r| *r > 0).ok_or_else(lost)?;
    let mut file = File::open(path).map_err(at(path))?;
    let mut head = [0u8; 100];
    file.read_exact(&mut head).map_err(at(path))?;
    let size = page_size(&head);
    let start = (root - 1) * size;
    let mut page = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(at(path))?;
    file.take(size).read_to_end(&mut page).map_err(at(path))?;
    let found = page.windows(MARK.len()).position(|w| w == MARK.as_bytes()).ok_or_else(lost)?;
    let place = found + MARK.len();
    if place + DIGITS > page.len() {
        return Err(lost());
    }
    Ok(start + place as u64)
}

/// SHA-256 of the file with zeros in the place of the digits.
fn digest(path: &Path, place: u64, progress: &dyn Progress) -> Result<String> {
    let mut file = BufReader::new(File::open(path).map_err(at(path))?);
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    let mut before = (&mut file).take(place);
    feed(&mut before, &mut hash, &mut buffer, path, progress)?;
    hash.update("0".repeat(DIGITS));
    file.seek(SeekFrom::Start(place + DIGITS as u64)).map_err(at(path))?;
    feed(&mut file, &mut hash, &mut buffer, path, progress)?;
    Ok(hex(&hash.finalize()))
}

fn feed(
    from: &mut impl Read,
    hash: &mut Sha256,
    buffer: &mut [u8],
    path: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    loop {
        go_on(progress)?;
        match from.read(buffer).map_err(at(path))? {
            0 => return Ok(()),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Reads a whole file and refuses it if anything is not as it was written.
pub fn check(path: &Path, progress: &dyn Progress) -> Result<Header> {
    let (header, place) = seal(path)?;
    let mut digits = [0u8; DIGITS];
    let mut file = File::open(path).map_err(at(path))?;
    file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(&mut digits)).map_err(at(path))?;
    if digest(path, place, progress)?.as_bytes() != digits {
        return Err(Error::Damaged("its checksum does not fit".to_owned()));
    }
    go_on(progress)?;
    let mut connection = read_only(path)?;
    let found: Vec<Said> = sql_query(
        "SELECT integrity_check AS said FROM pragma_integrity_check WHERE integrity_check <> 'ok' \
         UNION ALL SELECT 'a row of ' || \"table\" || ' names a missing row of ' || parent \
         FROM pragma_foreign_key_check LIMIT 1",
    )
    .load(&mut connection)?;
    if let Some(finding) = found.first() {
        return Err(Error::Damaged(finding.said.clone()));
    }
    let counted = live::header(&mut connection)?;
    if counted.tables != header.tables || counted.migrations != header.migrations {
        return Err(Error::Damaged("it does not hold what its header says".to_owned()));
    }
    Ok(header)
}

/// Takes the seal out of a copy, which is then a database as it was.
pub fn unseal(path: &Path) -> Result<()> {
    let Db::Sqlite(mut c) = plain(&path.to_string_lossy())? else {
        return Err(Error::Foreign("not a database file".to_owned()));
    };
    c.batch_execute(&format!("DROP TABLE {SEAL}; DROP TABLE {HEADER};"))?;
    Ok(())
}
