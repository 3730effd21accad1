story "Night"
  .model kirin_v3_t2v

scene alley "The alley"

shot street 5s
  A wet street.

end
