"""The register of idle spaces (闲置空间): what could hold an outlet, and on which terms."""
