"""Descriptors for the whole house, and what each kind of value becomes."""

import pytest
from google.protobuf.descriptor_pool import DescriptorPool

from luxe.app import registry
from luxe.app.derive import descriptors, paths_of
from luxe.app.proto_text import proto_text
from luxe.app.protos import describe_all
from luxe.kernel.manifest import Manifest
from luxe.kernel.ports import describe
from tests.app.sample_contract import Port

SAMPLE = """syntax = "proto3";

package luxe.app.v1;

import "google/api/annotations.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "luxe/kernel/v1.proto";

service App {
  rpc Find(.luxe.app.v1.FindRequest) returns (.luxe.app.v1.FindReply) {
    option (google.api.http) = { post: "/luxe.app.v1.App/Find" body: "*" };
  }
  rpc Forget(.luxe.app.v1.ForgetRequest) returns (.luxe.app.v1.ForgetReply) {
    option (google.api.http) = { post: "/luxe.app.v1.App/Forget" body: "*" };
  }
  rpc PlaceOrder(.luxe.app.v1.PlaceOrderRequest) returns (.luxe.app.v1.AppValue) {
    option (google.api.http) = { post: "/luxe.app.v1.App/PlaceOrder" body: "*" };
  }
}

message AppValue {
  string state = 1;
  .google.protobuf.Timestamp placed_at = 2 [json_name = "placed_at"];
  string day = 3;
  string rate = 4;
  double share = 5;
  repeated .luxe.app.v1.Line lines = 6;
  repeated string tags = 7;
  map<string, string> titles = 8;
  map<string, .luxe.app.v1.Line> by_sku = 9 [json_name = "by_sku"];
  .google.protobuf.Value loose = 10;
  .google.protobuf.Value grid = 11;
}

message FindReply {
  .luxe.app.v1.AppValue value = 1;
}

message FindRequest {
  string key = 1;
}

message ForgetReply {
  .google.protobuf.Value value = 1;
}

message ForgetRequest {
  string key = 1;
}

message Line {
  .luxe.kernel.v1.Money price = 1;
  optional int64 count = 2;
  optional string note = 3;
}

message PlaceOrderRequest {
  repeated .luxe.app.v1.Line lines = 1;
  optional bool gift = 2;
}
"""


def test_every_kind_of_value_has_its_place() -> None:
    [file] = [file for file in describe_all([describe(Port)]).file if file.package == "luxe.app.v1"]

    assert proto_text(file) == SAMPLE


def test_the_whole_houses_descriptors_can_be_loaded() -> None:
    pool = DescriptorPool()
    described = descriptors(registry.manifests())
    for file in described.file:
        pool.Add(file)

    services = {describe(unit.port).full_name for unit in registry.manifests() if unit.port}
    for service in services:
        methods = pool.FindServiceByName(service).methods
        assert methods
        assert all(method.input_type and method.output_type for method in methods)


def test_no_two_units_claim_the_same_path() -> None:
    paths = paths_of(registry.manifests())

    assert paths["/v1/inventory"] == "inventory"
    assert paths["/v1/products"] == "catalog"


def test_a_path_that_two_units_claim_is_refused() -> None:
    twice = registry.manifest("inventory")
    other = Manifest(name="another", build=lambda house: None, routers=twice.routers)

    with pytest.raises(ValueError, match="/v1/inventory is served by inventory and by another"):
        paths_of([twice, other])
