"""What can go wrong, as one tree; a leaf carries the data that its message is made from.

JobrunnerError
├── ConfigError               a setting is unknown, of the wrong type, or out of range
├── DataDirError              the data directory cannot be used
│   └── DataDirLocked         another process owns it
├── RequestError              the caller asked for something that cannot be; has a `code` and an HTTP status
│   ├── Malformed             the bytes are no request we can read                          400
│   ├── Unauthorized          nobody we know                                                401
│   ├── Forbidden             not from here, not this way, or not with these rights         403
│   ├── UnknownJob            no such job                                                   404
│   ├── UnknownFile           no such upload or artifact of this job                        404
│   ├── UnknownPart           no such part of this job                                      404
│   ├── UnknownKey            no such API key                                               404
│   ├── UnknownQueue          no such queue                                                 404
│   ├── UnknownSession        nobody is signed in by that name                              404
│   ├── UnknownTemplate       no such template                                              404
│   ├── UnknownRoute          no such page                                                  404
│   ├── WrongMethod           the page exists, the verb does not                            405
│   ├── NotAcceptable         none of our media types is accepted                           406
│   ├── TooSlow               the body did not arrive in time                               408
│   ├── NotCancellable        the job has already completed or failed                       409
│   ├── LateReport            the attempt that somebody speaks of is over                   409
│   ├── NotRetryable          the job did not fail, or may not be retried again             409
│   ├── TemplateConflict      its name is taken, or there are too many                      409
│   ├── UploadConflict        the file is there already, or bytes do not follow on          409
│   ├── Refused               the application does not want the job       402, 403, 409 or 429
│   ├── TooLarge              the body is over its limit                                    413
│   ├── WrongMediaType        not JSON, not multipart, or compressed                        415
│   ├── BadRange              the range lies outside the file                               416
│   ├── Invalid               read, understood and refused: each fault with its pointer     422
│   ├── KeyReused             an Idempotency-Key came back with another request             422
│   └── TryLater              not now                                                       503, has retry_after_s
│       ├── Overloaded        too much is waiting already                                   429
│       ├── RateLimited       more than a limit allows, has quotas                          429
│       ├── AdmissionUnavailable  the application could not be asked
│       ├── StorageUnavailable  the disk does not take it; whether it was kept is unknown
│       └── ShuttingDown      the server is stopping
├── IllegalTransition         a job was to be moved where the table does not lead
├── JobError                  raised by a handler: fails the attempt with a code
└── ClientError               what the Python client raises
    ├── Unreachable           no server answered
    ├── Problem               the server answered with problem+json
    └── StillRunning          the wait ended before the job did; nothing is wrong with the job
"""

from jobrunner.errors.admission import REFUSED_CODE, REFUSED_WITH, AdmissionUnavailable, Refused
from jobrunner.errors.client import (
    ClientError,
    Problem,
    StillRunning,
    Unreachable,
)
from jobrunner.errors.requests import (
    BadRange,
    Forbidden,
    Invalid,
    KeyReused,
    LateReport,
    Malformed,
    NotAcceptable,
    NotCancellable,
    NotRetryable,
    Overloaded,
    Quota,
    RateLimited,
    RequestError,
    ShuttingDown,
    StorageUnavailable,
    TemplateConflict,
    TooLarge,
    TooSlow,
    TryLater,
    Unauthorized,
    UnknownFile,
    UnknownJob,
    UnknownKey,
    UnknownPart,
    UnknownQueue,
    UnknownRoute,
    UnknownSession,
    UnknownTemplate,
    UploadConflict,
    WrongMediaType,
    WrongMethod,
)
from jobrunner.errors.root import (
    ConfigError,
    DataDirError,
    DataDirLocked,
    IllegalTransition,
    JobError,
    JobrunnerError,
)

__all__ = [
    "REFUSED_CODE",
    "REFUSED_WITH",
    "AdmissionUnavailable",
    "BadRange",
    "ClientError",
    "ConfigError",
    "DataDirError",
    "DataDirLocked",
    "Forbidden",
    "IllegalTransition",
    "Invalid",
    "JobError",
    "JobrunnerError",
    "KeyReused",
    "LateReport",
    "Malformed",
    "NotAcceptable",
    "NotCancellable",
    "NotRetryable",
    "Overloaded",
    "Problem",
    "Quota",
    "RateLimited",
    "Refused",
    "RequestError",
    "ShuttingDown",
    "StillRunning",
    "StorageUnavailable",
    "TemplateConflict",
    "TooLarge",
    "TooSlow",
    "TryLater",
    "Unauthorized",
    "UnknownFile",
    "UnknownJob",
    "UnknownKey",
    "UnknownPart",
    "UnknownQueue",
    "UnknownRoute",
    "UnknownSession",
    "UnknownTemplate",
    "Unreachable",
    "UploadConflict",
    "WrongMediaType",
    "WrongMethod",
]
