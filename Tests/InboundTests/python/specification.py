"""Prints what is wrong with an OpenAPI document: specification.py FILE"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

with open(sys.argv[1], encoding="utf-8") as file:
    for error in OpenAPIV31SpecValidator(json.load(file)).iter_errors():
        print(list(error.absolute_path), error.message[:300])
