"""Attachments in a bucket of an S3-compatible object store that several gateways share."""

from gateway.stores.s3.blobs import S3Blobs
from gateway.stores.s3.bucket import Bucket, BucketUnfit, Patience

__all__ = ["Bucket", "BucketUnfit", "Patience", "S3Blobs"]
