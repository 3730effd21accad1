# A formula for a tap of your own, as storyboard has no released archive yet: it installs from the repository's main
# branch. Set the address below, then:
#   brew install --HEAD ./packaging/homebrew/storyboard.rb
class Storyboard < Formula
  include Language::Python::Virtualenv

  desc "Write a film as plain text in git; buy each clip of it once"
  homepage "https://git.example.org/OWNER/storyboard"
  license "Apache-2.0"
  head "https://git.example.org/OWNER/storyboard.git", branch: "main"

  depends_on "python@3.13"

  def install
    venv = virtualenv_create(libexec, "python3.13")
    system venv.root/"bin/python", "-m", "ensurepip"
    system venv.root/"bin/python", "-m", "pip", "install", "--constraint", "constraints.txt", ".[all]"
    bin.install_symlink libexec/"bin/storyboard"
  end

  test do
    system bin/"storyboard", "new", "lantern"
    system bin/"storyboard", "lint", "lantern"
  end
end
