//! The shapes of Kubernetes' own types that paths and rules often lead through.

use k8s_openapi::api::core::v1::{LocalObjectReference, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, MicroTime, OwnerReference, Time};

use super::{Depth, Described, Field, INTEGER, Shape, Shaped, TEXT, TIME};
use crate::condition::{self, Conditions};

macro_rules! scalar {
    ($($type:ty => $name:ident, $kind:expr;)*) => {$(
        #[doc(hidden)]
        #[derive(Debug)]
        pub struct $name;
        impl Described for $name {
            const SHAPE: &'static Shape = &Shape::Scalar($kind);
        }
        impl Shaped for $type {
            type At<D: Depth> = $name;
        }
    )*};
}

macro_rules! object {
    ($($type:ty => $name:ident { $($field:literal: $kind:expr, $present:literal;)* })*) => {$(
        #[doc(hidden)]
        #[derive(Debug)]
        pub struct $name;
        impl Described for $name {
            const SHAPE: &'static Shape = &Shape::Object {
                fields: &[$(Field {
                    name: $field,
                    shape: &Shape::Scalar($kind),
                    present: $present,
                    transition: "",
                },)*],
                flat: &[],
                open: false,
                transition: "",
            };
        }
        impl Shaped for $type {
            type At<D: Depth> = $name;
        }
    )*};
}

scalar! {
    Time => TimeShape, TIME;
    MicroTime => MicroTimeShape, TIME;
    bool => BoolShape, super::BOOL;
    String => StringShape, TEXT;
    i32 => I32Shape, INTEGER;
    i64 => I64Shape, INTEGER;
    u32 => U32Shape, INTEGER;
    f64 => F64Shape, super::NUMBER;
}

object! {
    Condition => ConditionShape {
        "lastTransitionTime": TIME, true;
        "message": TEXT, true;
        "observedGeneration": INTEGER, false;
        "reason": TEXT, true;
        "status": TEXT, true;
        "type": TEXT, true;
    }
    LocalObjectReference => LocalObjectReferenceShape {
        "name": TEXT, false;
    }
    SecretKeySelector => SecretKeySelectorShape {
        "key": TEXT, true;
        "name": TEXT, false;
        "optional": super::BOOL, false;
    }
    OwnerReference => OwnerReferenceShape {
        "apiVersion": TEXT, true;
        "blockOwnerDeletion": super::BOOL, false;
        "controller": super::BOOL, false;
        "kind": TEXT, true;
        "name": TEXT, true;
        "uid": TEXT, true;
    }
}

/// A condition of this crate's is written as Kubernetes' own.
impl Shaped for condition::Condition {
    type At<D: Depth> = ConditionShape;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct ConditionsShape;

impl Described for ConditionsShape {
    const SHAPE: &'static Shape = &Shape::List(ConditionShape::SHAPE);
}

impl Shaped for Conditions {
    type At<D: Depth> = ConditionsShape;
}
