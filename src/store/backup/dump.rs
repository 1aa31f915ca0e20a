//! The stream in a file: gzip'd lines of JSON. docs/backup.md describes it to the letter.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::catalogue::Table;
use super::live::{self, Nowhere};
use super::stream::{Adding, Progress, Sink, Sum, go_on, hex};
use super::{Error, Header, Result, at};
use crate::store::connection::Database;

/// No line of ours is longer: a row has at most one image of 1 MiB, in two digits a byte.
const LINE_MAX: u64 = 64 << 20;

/// Before the rows of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    table: String,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    /// All rows of all tables.
    rows: u64,
    /// Over every byte before this line.
    sha256: String,
}

struct Writer<W: Write> {
    out: GzEncoder<W>,
    hash: Sha256,
}

impl<W: Write> Writer<W> {
    fn line(&mut self, line: &str) -> Result<()> {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|e| Error::File("the backup".to_owned(), e))
    }

    fn say(&mut self, what: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(what).map_err(|e| Error::Damaged(e.to_string()))?;
        self.line(&line)
    }
}

impl<W: Write> Sink for Writer<W> {
    fn begin(&mut self, table: &Table) -> Result<()> {
        self.say(&Begin { table: table.name.clone() })
    }
    fn row(&mut self, line: &str) -> Result<()> {
        self.line(line)
    }
    fn end(&mut self, sum: &Sum) -> Result<()> {
        self.say(sum)
    }
}

/// Writes one snapshot of a database.
pub fn write(database: &Database, out: impl Write, progress: &mut dyn Progress) -> Result<Header> {
    let mut connection = database.open(10_000).map_err(crate::store::Error::opening)?;
    let mut writer = Writer { out: GzEncoder::new(out, Compression::default()), hash: Sha256::new() };
    let header = live::in_snapshot(&mut connection, |c| {
        let header = live::header(c)?;
        writer.say(&header)?;
        live::send(c, &header, &mut writer, progress)?;
        Ok(header)
    })?;
    let trailer = Trailer { rows: header.rows(), sha256: hex(&writer.hash.clone().finalize()) };
    writer.say(&trailer)?;
    writer
        .out
        .finish()
        .and_then(|mut out| out.flush())
        .map_err(|e| Error::File("the backup".to_owned(), e))?;
    Ok(header)
}

/// Reads a file as a stream, checking everything that it says of itself.
pub struct Reader {
    lines: BufReader<GzDecoder<BufReader<File>>>,
    hash: Sha256,
    /// What the file says of itself.
    pub header: Header,
}

impl Reader {
    /// Reads as far as the first row. Refuses foreign files and those of a newer version.
    pub fn open(path: &Path) -> Result<Reader> {
        let file = File::open(path).map_err(at(path))?;
        let mut lines = BufReader::new(GzDecoder::new(BufReader::new(file)));
        let mut hash = Sha256::new();
        let foreign = || Error::Foreign(format!("{} is not a backup of Interlude", path.display()));
        let line = next(&mut lines, &mut hash)?.ok_or_else(foreign)?;
        // A newer format may say more or other things; that much every format will say.
        #[derive(Deserialize)]
        struct Known {
            interlude: String,
            format: u32,
            product: String,
        }
        let known: Known = serde_json::from_str(&line).map_err(|_| foreign())?;
        if known.interlude != "backup" {
            return Err(foreign());
        }
        if known.format > super::FORMAT {
            return Err(Error::Newer(format!("version {} in format {}", known.product, known.format)));
        }
        let header: Header =
            serde_json::from_str(&line).map_err(|e| Error::Damaged(format!("its first line: {e}")))?;
        header.is_known()?;
        Ok(Reader { lines, hash, header })
    }

    /// Sends every table into the sink, up to and including the end of the file.
    pub fn send(mut self, sink: &mut dyn Sink, progress: &mut dyn Progress) -> Result<Vec<Sum>> {
        let (mut done, all) = (0, self.header.rows());
        let mut sums = Vec::new();
        for table in &self.header.tables {
            let begin: Begin = read(&mut self.lines, &mut self.hash)?;
            go_on(progress)?;
            if begin.table != table.name {
                return Err(Error::Damaged(format!("{} stands where {} should", begin.table, table.name)));
            }
            sink.begin(table)?;
            let mut adding = Adding::new();
            for _ in 0..table.rows {
                let line = must(&mut self.lines, &mut self.hash)?;
                adding.row(&line);
                sink.row(&line)?;
                if adding.rows().is_multiple_of(500) {
                    progress.at(&table.name, done + adding.rows(), all);
                    go_on(progress)?;
                }
            }
            done += table.rows;
            progress.at(&table.name, done, all);
            let sum = adding.finish(&table.name);
            let said: Sum = read(&mut self.lines, &mut self.hash)?;
            if said != sum {
                return Err(Error::Damaged(format!("the rows of {} are not those written", table.name)));
            }
            sink.end(&sum)?;
            sums.push(sum);
        }
        let sha256 = hex(&self.hash.clone().finalize());
        let trailer: Trailer = read(&mut self.lines, &mut self.hash)?;
        if trailer.sha256 != sha256 || trailer.rows != all {
            return Err(Error::Damaged("its checksum does not fit".to_owned()));
        }
        if next(&mut self.lines, &mut self.hash)?.is_some() {
            return Err(Error::Damaged("there is something after its end".to_owned()));
        }
        let mut behind = [0];
        let rest = self.lines.into_inner().into_inner().read(&mut behind);
        match rest {
            Ok(0) => Ok(sums),
            Ok(_) => Err(Error::Damaged("there is something after its end".to_owned())),
            Err(e) => Err(Error::File("the backup".to_owned(), e)),
        }
    }
}

type Lines = BufReader<GzDecoder<BufReader<File>>>;

fn next(lines: &mut Lines, hash: &mut Sha256) -> Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(LINE_MAX).read_until(b'\n', &mut line).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Damaged("it is cut off".to_owned()),
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => Error::Damaged(e.to_string()),
        _ => Error::File("the backup".to_owned(), e),
    })?;
    if line.is_empty() {
        return Ok(None);
    }
    hash.update(&line);
    if line.pop() != Some(b'\n') {
        return Err(Error::Damaged("a line has no end".to_owned()));
    }
    String::from_utf8(line).map(Some).map_err(|_| Error::Damaged("a line is not text".to_owned()))
}

fn must(lines: &mut Lines, hash: &mut Sha256) -> Result<String> {
    next(lines, hash)?.ok_or_else(|| Error::Damaged("it is cut off".to_owned()))
}

fn read<T: serde::de::DeserializeOwned>(lines: &mut Lines, hash: &mut Sha256) -> Result<T> {
    let line = must(lines, hash)?;
    serde_json::from_str(&line).map_err(|e| Error::Damaged(format!("a line: {e}")))
}

/// Reads a whole file and refuses it if anything is not as it was written.
pub fn check(path: &Path, progress: &mut dyn Progress) -> Result<Header> {
    let reader = Reader::open(path)?;
    let header = reader.header.clone();
    reader.send(&mut Nowhere, progress)?;
    Ok(header)
}
