//! The version of a document.

use alloc::{format, string::String, vec::Vec};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Multihash prefix of SHA-256: its code, and the length of the digest.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// `versionId`: the block of the machine's last change, and the hash of the document.
///
/// The block alone does not tell versions apart: what a machine offers changes without the machine's
/// own record. The hash is the multihash (SHA-256, base58-btc without a multibase prefix) of the
/// document in the canonical form of RFC 8785.
pub(super) fn version_id(changed_at: u32, document: &Value) -> String {
	let digest = Sha256::digest(canonical(document).as_bytes());
	let multihash: Vec<u8> = SHA2_256.into_iter().chain(digest).collect();
	format!("{changed_at}-{}", bs58::encode(multihash).into_string())
}

/// RFC 8785, for documents whose keys are ASCII and whose values hold no numbers: then sorting by
/// bytes is sorting by UTF-16 units, and serde_json writes the rest as the RFC demands. Sorted here,
/// because `serde_json::Map` keeps the order of insertion when any crate of a build asks for it.
fn canonical(value: &Value) -> String {
	match value {
		Value::Object(map) => {
			let mut entries: Vec<_> = map.iter().collect();
			entries.sort_unstable_by_key(|(key, _)| *key);
			let entries: Vec<String> = entries
				.into_iter()
				.map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
				.collect();
			format!("{{{}}}", entries.join(","))
		},
		Value::Array(items) => {
			let items: Vec<String> = items.iter().map(canonical).collect();
			format!("[{}]", items.join(","))
		},
		other => format!("{other}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn canonical_form_should_sort_keys_and_leave_out_spaces() {
		let value =
			json!({ "id": "x\"\n\u{1f}", "@context": ["b", "a"], "Z": { "b": true, "a": null } });
		assert_eq!(
			canonical(&value),
			r#"{"@context":["b","a"],"Z":{"a":null,"b":true},"id":"x\"\n\u001f"}"#
		);
	}

	#[test]
	fn version_should_name_the_block_and_the_content() {
		// SHA-256 of `{}`, computed with sha256sum.
		let expected = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
		let version = version_id(120, &json!({}));
		let (block, hash) = version.split_once('-').unwrap();
		assert_eq!(block, "120");
		let bytes = bs58::decode(hash).into_vec().unwrap();
		let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
		assert_eq!(hex, format!("1220{expected}"));
	}

	#[test]
	fn version_should_differ_when_the_content_does() {
		assert_ne!(version_id(3, &json!({ "id": "a" })), version_id(3, &json!({ "id": "b" })));
	}
}
