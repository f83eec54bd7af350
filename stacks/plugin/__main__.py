"""The provider `gigasite` as the Pulumi CLI starts it from a clone."""

import sys

from gigasite.provider.plugin import main

sys.exit(main())
