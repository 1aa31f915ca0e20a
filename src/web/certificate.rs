//! The one thing that has to be read out of a certificate: until when it is valid (RFC 5280, 4.1).

use chrono::NaiveDateTime;

use crate::domain::instant::Instant;

/// Until when a certificate is valid; nothing if it is none.
pub fn valid_until(der: &[u8]) -> Option<Instant> {
    let (_, certificate, _) = element(der)?;
    let (_, mut signed, _) = element(certificate)?;
    // Version (tagged 0, may be missing), serial number, algorithm, issuer; then the validity.
    if signed.first() == Some(&0xa0) {
        signed = element(signed)?.2;
    }
    for _ in 0..3 {
        signed = element(signed)?.2;
    }
    let (_, validity, _) = element(signed)?;
    let (_, _, rest) = element(validity)?;
    let (kind, text, _) = element(rest)?;
    let text = std::str::from_utf8(text).ok()?;
    let full = match kind {
        // Two digits of the year: from 50 on of the last century.
        0x17 => format!("{}{text}", if text.get(..2)? >= "50" { "19" } else { "20" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let read = NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%SZ").ok()?;
    Instant::from_utc(read.and_utc())
}

/// The first element: its tag, its contents, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let bytes = usize::from(first & 0x7f);
        if bytes == 0 || bytes > 4 || rest.len() < bytes {
            return None;
        }
        let length = rest[..bytes].iter().fold(0usize, |n, b| (n << 8) | usize::from(*b));
        rest = &rest[bytes..];
        length
    };
    (rest.len() >= length).then(|| (tag, &rest[..length], &rest[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn until(year: i32) -> Vec<u8> {
        let mut wanted = rcgen::CertificateParams::new(vec!["status.example.com".to_owned()]).unwrap();
        wanted.not_after = rcgen::date_time_ymd(year, 3, 1);
        wanted.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_ways_to_write_a_time_are_read() {
        for year in [2027, 2049, 2050, 3000] {
            let said = valid_until(&until(year)).unwrap();
            assert_eq!(said, Instant::parse_rfc3339(&format!("{year}-03-01T00:00:00Z")).unwrap());
        }
    }

    proptest! {
        #[test]
        fn nonsense_is_none(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..400) {
            valid_until(&bytes);
            let mut broken = until(2030);
            broken.truncate(cut);
            valid_until(&broken);
        }
    }
}
