//! Content identifiers of documents that are held off chain.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Longest [`Cid`], in bytes: room for a digest of 64 bytes.
pub const MAX_CID_BYTES: u32 = 72;

/// A CID in its binary form, as multiformats define it: version, codec, multihash.
///
/// The chain keeps the bytes; whether they are a CID, and whether a document matches it, is checked
/// by whoever fetches the document.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Cid(pub BoundedVec<u8, ConstU32<MAX_CID_BYTES>>);

/// Why a text is no [`Cid`].
#[cfg(feature = "serde")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CidError {
	/// It does not follow the specification of CIDs.
	Malformed,
	/// Its binary form is longer than [`MAX_CID_BYTES`].
	TooLong,
}

#[cfg(feature = "serde")]
impl core::fmt::Display for CidError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Malformed => f.write_str(
				"not a content identifier: expected one like bafkrei… or Qm…, without a prefix",
			),
			Self::TooLong => {
				write!(f, "the content identifier is longer than {MAX_CID_BYTES} bytes")
			},
		}
	}
}

#[cfg(feature = "serde")]
impl core::error::Error for CidError {}

#[cfg(feature = "serde")]
impl core::str::FromStr for Cid {
	type Err = CidError;

	fn from_str(text: &str) -> Result<Self, CidError> {
		let cid = ::cid::Cid::try_from(text).map_err(|_| CidError::Malformed)?;
		cid.to_bytes().try_into().map(Self).map_err(|_| CidError::TooLong)
	}
}

#[cfg(feature = "serde")]
impl Cid {
	/// The text form: base32 for version 1 (`b…`), base58 for version 0 (`Qm…`). Bytes that are no
	/// CID show as hexadecimal.
	pub fn to_text(&self) -> alloc::string::String {
		match ::cid::Cid::try_from(self.0.as_slice()) {
			Ok(cid) => alloc::string::ToString::to_string(&cid),
			Err(_) => crate::machine::hex(&self.0),
		}
	}
}

#[cfg(feature = "serde")]
impl serde::Serialize for Cid {
	/// [`Cid::to_text`].
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.to_text())
	}
}

#[cfg(all(test, feature = "serde"))]
mod tests {
	use super::*;

	#[test]
	fn identifier_should_not_be_decoded_when_it_is_too_long() {
		let of = |length: u32| alloc::vec![1u8; length as usize].encode();
		assert!(Cid::decode(&mut &of(MAX_CID_BYTES)[..]).is_ok());
		assert!(Cid::decode(&mut &of(MAX_CID_BYTES + 1)[..]).is_err());
	}

	#[test]
	fn text_should_survive_the_way_there_and_back() {
		for text in [
			"bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
			"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
		] {
			assert_eq!(text.parse::<Cid>().unwrap().to_text(), text);
		}
	}

	#[test]
	fn rubbish_should_be_refused() {
		for text in ["", "ipfs", "b", "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5"]
		{
			assert_eq!(text.parse::<Cid>(), Err(CidError::Malformed), "{text}");
		}
	}
}
