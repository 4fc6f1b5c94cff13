//! The blocks that IPFS tools cut a file into, made again from the file.
//!
//! A file is cut into chunks of equal size. Each becomes a leaf: the bare bytes, or a dag-pb node
//! around them. As long as there is more than one node, every `width` of them get a parent. Nodes
//! are encoded as the specifications of dag-pb and UnixFS say, with links before data and every
//! field that the tools write.

use sha2::{Digest, Sha256};

/// What the tools can be told about cutting a file.
struct Layout {
	/// Size of all chunks but the last, in bytes.
	chunk: usize,
	/// Most children of a node.
	width: usize,
	/// Whether leaves are bare bytes, rather than dag-pb nodes.
	raw_leaves: bool,
	/// Whether dag-pb nodes are linked by version 1 of CIDs, rather than 0.
	v1: bool,
}

const KIB: usize = 1024;

/// Those that are or were the default somewhere, the most frequent first.
const LAYOUTS: [Layout; 5] = [
	// `ipfs add`, unixfs-v0-2015
	Layout { chunk: 256 * KIB, width: 174, raw_leaves: false, v1: false },
	// `ipfs add --cid-version 1`
	Layout { chunk: 256 * KIB, width: 174, raw_leaves: true, v1: true },
	// unixfs-v1-2025
	Layout { chunk: 1024 * KIB, width: 1024, raw_leaves: true, v1: true },
	// `ipfs add --raw-leaves`
	Layout { chunk: 256 * KIB, width: 174, raw_leaves: true, v1: false },
	// `ipfs add --cid-version 1 --raw-leaves=false`
	Layout { chunk: 256 * KIB, width: 174, raw_leaves: false, v1: true },
];

/// Whether one of the known layouts of `file` has a dag-pb root with this SHA-256.
pub(super) fn leads_to(file: &[u8], root: &[u8]) -> bool {
	LAYOUTS.iter().filter_map(|layout| layout.root(file)).any(|digest| digest[..] == *root)
}

/// A block, as its parent sees it.
struct Node {
	/// SHA-256 of the block.
	digest: [u8; 32],
	/// Whether the block is bare bytes, rather than dag-pb.
	raw: bool,
	/// How many bytes of the file are below it.
	file_size: u64,
	/// Size of this block and all below it.
	total_size: u64,
}

impl Layout {
	/// SHA-256 of the root, if that is a dag-pb node.
	fn root(&self, file: &[u8]) -> Option<[u8; 32]> {
		let mut level: Vec<Node> = if file.is_empty() {
			vec![self.leaf(file)]
		} else {
			file.chunks(self.chunk).map(|chunk| self.leaf(chunk)).collect()
		};
		while level.len() > 1 {
			level = level.chunks(self.width).map(|children| self.parent(children)).collect();
		}
		level.first().filter(|root| !root.raw).map(|root| root.digest)
	}

	fn leaf(&self, chunk: &[u8]) -> Node {
		let file_size = chunk.len() as u64;
		if self.raw_leaves {
			let digest = Sha256::digest(chunk).into();
			return Node { digest, raw: true, file_size, total_size: file_size };
		}
		let mut before = FILE.to_vec();
		if !chunk.is_empty() {
			before.push(UNIXFS_DATA);
			varint(&mut before, file_size);
		}
		let mut after = vec![UNIXFS_FILE_SIZE];
		varint(&mut after, file_size);
		let mut node = vec![NODE_DATA];
		varint(&mut node, before.len() as u64 + file_size + after.len() as u64);
		node.extend(before);

		let mut hasher = Sha256::new();
		hasher.update(&node);
		hasher.update(chunk);
		hasher.update(&after);
		let total_size = node.len() as u64 + file_size + after.len() as u64;
		Node { digest: hasher.finalize().into(), raw: false, file_size, total_size }
	}

	fn parent(&self, children: &[Node]) -> Node {
		let file_size = children.iter().map(|child| child.file_size).sum();
		let mut block = Vec::new();
		for child in children {
			let mut link = Vec::new();
			field(&mut link, LINK_HASH, &self.cid(child));
			field(&mut link, LINK_NAME, &[]);
			link.push(LINK_SIZE);
			varint(&mut link, child.total_size);
			field(&mut block, NODE_LINK, &link);
		}
		let mut data = FILE.to_vec();
		data.push(UNIXFS_FILE_SIZE);
		varint(&mut data, file_size);
		for child in children {
			data.push(UNIXFS_BLOCK_SIZE);
			varint(&mut data, child.file_size);
		}
		field(&mut block, NODE_DATA, &data);

		let below: u64 = children.iter().map(|child| child.total_size).sum();
		Node {
			digest: Sha256::digest(&block).into(),
			raw: false,
			file_size,
			total_size: below + block.len() as u64,
		}
	}

	/// The CID of a node in bytes. Version 0 is the bare multihash, and can only mean dag-pb.
	fn cid(&self, node: &Node) -> Vec<u8> {
		let mut cid = match (node.raw, self.v1) {
			(true, _) => vec![1, super::RAW as u8],
			(false, true) => vec![1, super::DAG_PB as u8],
			(false, false) => Vec::new(),
		};
		cid.extend([super::SHA2_256 as u8, 32]);
		cid.extend(node.digest);
		cid
	}
}

// Fields of protocol buffers: the number of the field times 8, plus 2 for bytes or 0 for a number.
const NODE_DATA: u8 = 1 << 3 | 2;
const NODE_LINK: u8 = 2 << 3 | 2;
const LINK_HASH: u8 = 1 << 3 | 2;
const LINK_NAME: u8 = 2 << 3 | 2;
const LINK_SIZE: u8 = 3 << 3;
const UNIXFS_TYPE: u8 = 1 << 3;
const UNIXFS_DATA: u8 = 2 << 3 | 2;
const UNIXFS_FILE_SIZE: u8 = 3 << 3;
const UNIXFS_BLOCK_SIZE: u8 = 4 << 3;
/// The type of every node of a file.
const FILE: [u8; 2] = [UNIXFS_TYPE, 2];

fn field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
	out.push(tag);
	varint(out, bytes.len() as u64);
	out.extend(bytes);
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn varint(out: &mut Vec<u8>, mut number: u64) {
	while number > 0x7f {
		out.push(number as u8 | 0x80);
		number >>= 7;
	}
	out.push(number as u8);
}
