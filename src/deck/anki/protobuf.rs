//! The little of protobuf's wire format that Anki's packages need: numbers and bytes by field number.
//!
//! Only `anki` may call it. Own code instead of a crate: four messages with two fields each are of interest, and a
//! derive would bring more lines to the lock file than stand here.

/// The value of a field.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A varint.
    Number(u64),
    /// A string, bytes or a message.
    Bytes(&'a [u8]),
    /// Fixed 32 or 64 bits, which nothing here uses.
    Other,
}

/// The message ends within a field, or is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Iterates over the fields of a message: number and value. Stops after the first error.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), Malformed>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = field(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field.ok_or(Malformed))
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Number(varint(rest)?),
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        1 => take(rest, 8).map(|_| Value::Other)?,
        5 => take(rest, 4).map(|_| Value::Other)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

/// Seven bits a byte, the lowest first; at most ten bytes.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_read_in_their_order() {
        type Fields<'a> = Vec<Result<(u64, Value<'a>), Malformed>>;
        let cases: [(&[u8], Fields<'_>); 6] = [
            (b"", vec![]),
            (b"\x08\x03", vec![Ok((1, Value::Number(3)))]),
            (b"\x0a\x02hi\x10\x96\x01", vec![Ok((1, Value::Bytes(b"hi"))), Ok((2, Value::Number(150)))]),
            (b"\x0d1234\x08\x01", vec![Ok((1, Value::Other)), Ok((1, Value::Number(1)))]),
            (b"\x0a\x05hi", vec![Err(Malformed)]),
            (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", vec![Err(Malformed)]),
        ];
        for (message, expected) in cases {
            assert_eq!(fields(message).collect::<Vec<_>>(), expected, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(fields(&bytes).count() <= bytes.len());
        }
    }
}
