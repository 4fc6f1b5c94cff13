//! Lists that the chain gives page by page, put together.

use dam_primitives::{AttestationInfo, MachineId, ServiceInfo, ServiceKind, Subject, MAX_PAGE};

use crate::{
	chain::{ChainError, Network},
	AccountId,
};

/// Asks for pages until `limit` items are there, or no more come.
///
/// Pages are read from the latest finalized block each: what is added or removed meanwhile may be
/// missed or seen, but what stays is seen exactly once.
macro_rules! paged {
	($limit:expr, |$after:ident, $size:ident| $page:expr, |$item:ident| $key:expr) => {{
		let limit: usize = $limit;
		let mut all = Vec::new();
		let mut $after = None;
		while all.len() < limit {
			let $size = u32::try_from(limit - all.len()).unwrap_or(u32::MAX).min(MAX_PAGE);
			let page = $page.await?;
			let is_last = page.len() < $size as usize;
			let Some($item) = page.last() else { break };
			$after = Some($key);
			all.extend(page);
			if is_last {
				break;
			}
		}
		all.truncate(limit);
		Ok(all)
	}};
}

/// The machines directly below `id` in its fleet's tree, at most `limit` of them.
///
/// # Errors
/// See [`ChainError`].
pub async fn children<N: Network>(
	network: &N,
	id: MachineId,
	limit: usize,
) -> Result<Vec<MachineId>, ChainError> {
	paged!(limit, |after, size| network.children(id, after, size), |last| *last)
}

/// All services of a kind, at most `limit` of them.
///
/// # Errors
/// See [`ChainError`].
pub async fn services_by_kind<N: Network>(
	network: &N,
	kind: ServiceKind,
	limit: usize,
) -> Result<Vec<ServiceInfo>, ChainError> {
	paged!(limit, |after, size| network.services_by_kind(kind, after, size), |last| (
		last.machine,
		last.id
	))
}

/// What is attested of a subject, valid or not, at most `limit` of it.
///
/// # Errors
/// See [`ChainError`].
pub async fn attestations<N: Network>(
	network: &N,
	subject: &Subject<AccountId>,
	limit: usize,
) -> Result<Vec<AttestationInfo<AccountId>>, ChainError> {
	paged!(limit, |after, size| network.attestations(subject, after, size), |last| (
		last.claim,
		last.attester
	))
}
