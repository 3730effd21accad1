"""Everything about the package is in pyproject.toml; here is only what that cannot say."""

from setuptools import setup
from setuptools.command.build_py import build_py


class WithoutScripts(build_py):
    """`docs/` is shipped for its pages. The scripts that make them stay in the repository."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """The modules of a package that go into the wheel, as (package, module, file)."""
        return [] if package == "storyboard.docs" else super().find_package_modules(package, package_dir)


setup(cmdclass={"build_py": WithoutScripts})
