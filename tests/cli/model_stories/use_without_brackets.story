story "Night"
  .model kirin_v3_t2v

template reveal(who)
  shot push 4s
    Slow push in on {{ who }}.

use reveal "the boatman"
