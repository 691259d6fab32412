"""What a team would glue together instead: a door, a queue and a worker; measured from end to end beside the gateway.

The programs run in environments of their own, and are written as their libraries' documentation says: the door answers
once the job is on disk, the worker sends it to the same sink, and its end is recorded.
"""
