//! What this pallet stores.

use crate::*;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// What a machine offers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Catalogue {
	/// The id that the next service gets. Ids ascend from 0 without reuse.
	pub next_id: ServiceId,
	/// What is offered now, by ascending id.
	pub services: BoundedVec<(ServiceId, Service), ConstU32<MAX_SERVICES>>,
}

impl Catalogue {
	/// The service of that id, if it is offered.
	pub fn get(&self, id: ServiceId) -> Option<&Service> {
		self.services.iter().find(|(known, _)| *known == id).map(|(_, service)| service)
	}

	/// As [`Self::get`], to change it.
	pub(crate) fn get_mut(&mut self, id: ServiceId) -> Option<&mut Service> {
		self.services.iter_mut().find(|(known, _)| *known == id).map(|(_, service)| service)
	}
}
