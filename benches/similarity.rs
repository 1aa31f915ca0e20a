//! How often what is proposed as similar is similar: precision at 5 of the measure of
//! `domain::similarity` and of a baseline, by judgements that stand in `benches/similarity.tsv`.
//!
//! `cargo bench --bench similarity -- DATA [--pool]`. DATA is the folder of the development data,
//! with `reports/reports.csv`; the texts are not in the repository, only the numbers of their rows.
//! `--pool` prints what either measure finds and nobody has judged yet, in an order that tells
//! nothing of who found it. docs/similarity.md says by which rule to judge.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use interlude::domain::similarity::{Collection, Document, SIMILAR, best};
use sha2::{Digest, Sha256};

/// Which texts are drawn, and in which order they are judged, follows from this.
const SEED: u64 = 20_261_127;
const FILE: &str = "reports/reports.csv";
const JUDGEMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/similarity.tsv");
/// With how many texts each query is compared.
const COMPARED: usize = 2_000;
const FIVE: usize = 5;

struct Kind {
    name: &'static str,
    queries: usize,
    holds: fn(&Text) -> bool,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "English, airlines",
        queries: 32,
        holds: |text| text.source == "twitter-us-airline-sentiment",
    },
    Kind { name: "Chinese, food delivery", queries: 32, holds: |text| text.source == "waimai_10k" },
    Kind {
        name: "Chinese, phones and heaters",
        queries: 24,
        holds: |text| matches!(text.category.as_str(), "手机" | "热水器"),
    },
];

/// A row of the data; the first one below the names of the columns is number 1.
#[derive(serde::Deserialize)]
struct Text {
    #[serde(skip)]
    row: u32,
    source: String,
    text: String,
    label: String,
    category: String,
}

/// A number that looks like chance and is the same everywhere (splitmix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// The texts in their order, and what the file is recognised by.
fn read(folder: &Path) -> anyhow::Result<(Vec<Text>, String)> {
    let path = folder.join(FILE);
    let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut texts: Vec<Text> = csv::Reader::from_reader(bytes.as_slice())
        .deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| format!("{FILE} needs the columns source, text, label, category"))?;
    for (row, text) in (1..).zip(&mut texts) {
        text.row = row;
    }
    Ok((texts, digest))
}

/// Who has been found right for whom, by rows.
type Judged = HashMap<(u32, u32), bool>;

fn judged(digest: &str) -> anyhow::Result<Judged> {
    let mut judged = Judged::new();
    for (number, line) in (1..).zip(std::fs::read_to_string(JUDGEMENTS)?.lines()) {
        if let Some(of) = line.strip_prefix("# sha256 ") {
            ensure!(of == digest, "the judgements are of another {FILE}: sha256 {of}, here {digest}");
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let [FILE, query, candidate, verdict @ ("0" | "1")] = columns[..] else {
            bail!("similarity.tsv, line {number}: {FILE}, two rows, 1 or 0, and nothing else");
        };
        let known = judged.insert((query.parse()?, candidate.parse()?), verdict == "1");
        ensure!(known.is_none(), "similarity.tsv, line {number}: judged twice");
    }
    Ok(judged)
}

/// The queries, which are complaints, and the texts that they are compared with. What stands in the
/// data twice is taken once.
fn drawn<'a>(kind: &Kind, texts: &'a [Text]) -> anyhow::Result<(Vec<&'a Text>, Vec<&'a Text>)> {
    let mut order: Vec<&Text> = texts.iter().filter(|text| (kind.holds)(text)).collect();
    order.sort_by_key(|text| mixed(SEED ^ (u64::from(text.row) << 32)));
    let mut seen = HashSet::new();
    order.retain(|text| !text.text.trim().is_empty() && seen.insert(text.text.trim()));
    let (mut queries, mut others) = (vec![], vec![]);
    for text in order {
        if queries.len() < kind.queries && text.label == "negative" {
            queries.push(text);
        } else if others.len() < COMPARED {
            others.push(text);
        }
    }
    ensure!(queries.len() == kind.queries && others.len() == COMPARED, "too few texts: {}", kind.name);
    Ok((queries, others))
}

/// The baseline: Dice of the sets of neighbouring characters of the raw text.
fn pairs(text: &str) -> HashSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

fn dice(one: &HashSet<(char, char)>, other: &HashSet<(char, char)>) -> f64 {
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * one.intersection(other).count() as f64 / all as f64 }
}

/// What the two find for a query: rows, best first, and of the measure how many would be shown.
struct Found<'a> {
    query: &'a Text,
    measure: Vec<&'a Text>,
    shown: usize,
    baseline: Vec<&'a Text>,
}

fn found<'a>(queries: Vec<&'a Text>, others: &[&'a Text]) -> Vec<Found<'a>> {
    let collection = Collection::new(others.iter().map(|other| Document::of(&other.text)).collect());
    let raw: Vec<_> = others.iter().map(|other| pairs(&other.text)).collect();
    let find = |query: &'a Text| {
        let alike = collection.likeness(&Document::of(&query.text));
        let of_query = pairs(&query.text);
        let overlap: Vec<f64> = raw.iter().map(|other| dice(&of_query, other)).collect();
        let texts = |places: Vec<usize>| places.into_iter().map(|place| others[place]).collect();
        Found {
            query,
            measure: texts(best(&alike, 0.0, FIVE)),
            shown: best(&alike, SIMILAR, FIVE).len(),
            baseline: texts(best(&overlap, 0.0, FIVE)),
        }
    };
    queries.into_iter().map(find).collect()
}

/// What stands in a line of the table.
#[derive(Default)]
struct Figures {
    /// How many of five are right for each query: of the measure, of the baseline.
    right: Vec<(usize, usize)>,
    shown: usize,
    shown_right: usize,
    judged: usize,
    unjudged: usize,
}

impl Figures {
    fn of(found: &[Found], judged: &Judged) -> Figures {
        let mut figures = Figures::default();
        for one in found {
            let verdict = |text: &&Text| judged.get(&(one.query.row, text.row)).copied();
            let right = |texts: &[&Text]| texts.iter().filter(|text| verdict(text) == Some(true)).count();
            figures.right.push((right(&one.measure), right(&one.baseline)));
            figures.shown += one.shown;
            figures.shown_right += right(&one.measure[..one.shown]);
            for (_, text) in united(one) {
                *(if verdict(&text).is_some() { &mut figures.judged } else { &mut figures.unjudged }) += 1;
            }
        }
        figures
    }

    fn add(&mut self, other: Figures) {
        self.right.extend(other.right);
        self.shown += other.shown;
        self.shown_right += other.shown_right;
        self.judged += other.judged;
        self.unjudged += other.unjudged;
    }

    fn print(&self, name: &str) {
        let (from, to) = self.difference();
        let precision = |right: usize| right as f64 / (FIVE * self.right.len()) as f64;
        let queries = |holds: fn(&(usize, usize)) -> bool| self.right.iter().filter(|r| holds(r)).count();
        println!(
            "| {name} | {} | {:.3} | {:.3} | {from:.3} to {to:.3} | {} / {} | {} (baseline {}) | {} of {} |",
            self.right.len(),
            precision(self.right.iter().map(|r| r.0).sum()),
            precision(self.right.iter().map(|r| r.1).sum()),
            queries(|r| r.0 > r.1),
            queries(|r| r.0 < r.1),
            queries(|r| r.0 == 0),
            queries(|r| r.1 == 0),
            self.shown_right,
            self.shown,
        );
    }

    /// Between what the difference of the two lies in 95 of 100 draws of as many of these queries.
    fn difference(&self) -> (f64, f64) {
        let n = self.right.len();
        let mut chance = SEED;
        let mut draws: Vec<f64> = Vec::new();
        for _ in 0..10_000 {
            let mut sum = 0.0;
            for _ in 0..n {
                chance = mixed(chance);
                let (measure, baseline) = self.right[(chance % n as u64) as usize];
                sum += measure as f64 - baseline as f64;
            }
            draws.push(sum / (FIVE * n) as f64);
        }
        draws.sort_by(f64::total_cmp);
        (draws[250], draws[9_749])
    }
}

/// What either has found, each once, in an order that tells nothing.
fn united<'a>(found: &Found<'a>) -> Vec<(u64, &'a Text)> {
    let order = |text: &'a Text| mixed(mixed(SEED ^ u64::from(found.query.row)) ^ u64::from(text.row));
    let mut all: Vec<_> =
        found.measure.iter().chain(&found.baseline).map(|text| (order(text), *text)).collect();
    all.sort_by_key(|(order, text)| (*order, text.row));
    all.dedup_by_key(|(_, text)| text.row);
    all
}

fn print_pool(found: &[Found], judged: &Judged) {
    let line = |text: &Text| text.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for one in found {
        let mut all = united(one);
        all.retain(|(_, text)| !judged.contains_key(&(one.query.row, text.row)));
        if !all.is_empty() {
            println!("\n# {}: {}", one.query.row, line(one.query));
        }
        for (_, text) in all {
            println!("{FILE}\t{}\t{}\t?\t{}", one.query.row, text.row, line(text));
        }
    }
}

fn run(folder: &Path, pool: bool) -> anyhow::Result<()> {
    let (texts, digest) = read(folder)?;
    let judged = judged(&digest)?;
    let mut all = Figures::default();
    if !pool {
        println!(
            "| | queries | precision at 5 | baseline | difference (95 %) | better / worse for \
             | nothing right | of what is shown |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    }
    for kind in &KINDS {
        let (queries, others) = drawn(kind, &texts)?;
        let found = found(queries, &others);
        if pool {
            print_pool(&found, &judged);
            continue;
        }
        let figures = Figures::of(&found, &judged);
        figures.print(kind.name);
        all.add(figures);
    }
    if !pool {
        all.print("all");
        println!("\nThe difference is where 95 of 100 draws of as many of these queries have it.");
        println!("Of what the two found, {} pairs are judged, {} are not.", all.judged, all.unjudged);
        if all.unjudged > 0 {
            println!("Those count as not right: the figures may be too low. --pool prints them.");
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let pool = arguments.iter().any(|a| a == "--pool");
    let Some(folder) = arguments.iter().find(|a| !a.starts_with("--")) else {
        eprintln!(
            "This needs the folder of the development data, which holds {FILE}:\n  \
             cargo bench --bench similarity -- DATA [--pool]\n\
             Its texts are not in the repository; docs/similarity.md says where they come from."
        );
        return ExitCode::from(2);
    };
    match run(Path::new(folder), pool) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
