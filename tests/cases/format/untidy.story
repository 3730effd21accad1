

# a note on top


edition   1
story  "Night"   30s   # the title

      .mode   pro

  .suffix 35mm   film grain.  


  A courier   crosses
     Suzhou at night.   


  The end.



import "a.story"   as a
import "b.story"


param city=Suzhou  
let mei   =   Mei, "a young   woman"
let long
	A longer
		text.
# about tracking
phrase tracking( who,lens="50mm" )
  {{ who }}
template reveal ( who , hold=4s )



      # first
      shot wide   hold   # comment
          .mode std
          Wide.


      split
# at the edge
      for x in a ,b， "c"、 1 .. 3 ,   two   words
            # in the loop
            use other( x,hold=5s )   as  l
scene  river   "River"   12s
shot a 5s
  text
# stands with the text

shot b 5s
  text

# stands with c
shot c 5s
# before the text
  more
# in the text
  text
# at the end


