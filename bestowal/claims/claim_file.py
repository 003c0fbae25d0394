"""Files of the source's claims, `catalogue/claims/source/C08.toml`, read and checked against scenario and model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from bestowal.claims.experiment import Arm, Experiment, Holds, Shift, Statistic
from bestowal.claims.plan import plan_of
from bestowal.core.errors import BestowalError
from bestowal.core.files import STRICT, complaint, toml

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "claims" / "source"


class SourceClaim(BaseModel):
    """A claim of the source in our words, with its reading, its rival and its experiment."""

    model_config = STRICT

    id: str
    sentence: str
    claim: str = Field(min_length=1)
    reading: str
    rival: str
    rival_predicts: str
    status: Literal["T", "T*", "N"]
    theme: str
    would_change: str
    limits: str
    why_not: str = ""
    experiment: Experiment | None = None

    @model_validator(mode="after")
    def _testable_or_not(self) -> SourceClaim:
        if self.status == "N" and self.experiment is not None:
            raise ValueError('status = "N": has no experiment, and why_not says why')
        if (self.experiment is None) != bool(self.why_not.strip()):
            raise ValueError(f'status = "{self.status}": needs an experiment, or why_not to say why there is none')
        return self


_TABLES: dict[str, type[BaseModel]] = {
    "experiment": Experiment,
    "holds": Holds,
    "statistic": Statistic,
    "arms": Arm,
    "changes": Shift,
}


def source_claims(folder: Path | None = None) -> list[SourceClaim]:
    """Return the claims of a folder, the catalogue's unless given, in order: C1 to C25, then P24."""
    files = sorted((folder or CATALOGUE).glob("*.toml"))
    return [source_claim(file) for file in files]


def source_claim(file: Path) -> SourceClaim:
    """Return the claim in a file, checked against its scenario, its model and the prior.

    Raises
    ------
    BestowalError
        The file can't be read, or a key does not fit; one line names the file, the key and its value.
    """
    try:
        claim = SourceClaim.model_validate(toml(file))
    except ValidationError as error:
        raise BestowalError(f"{file}: {complaint(error, SourceClaim, _TABLES)}") from None
    written = re.fullmatch(r"([A-Z])0*(\d+)", file.stem)
    if written is None or claim.id != "".join(written.groups()):
        raise BestowalError(f"{file}: id = {claim.id!r}: does not match the file's name; C08.toml holds C8")
    if claim.experiment is not None:
        try:
            plan_of(claim.experiment, 0)
        except BestowalError as error:
            raise BestowalError(f"{file}: {error}") from None
    return claim
