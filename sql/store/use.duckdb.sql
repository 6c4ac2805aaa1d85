-- What a new session sees without a qualifier.
use attune;
