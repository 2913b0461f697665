"""The words of European and American addresses, folded as `geo.names.fold` does it."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """The words of a text that are separated by blanks."""
    return frozenset(text.split())


# Words that follow the name of a street: Canal St, Görlitzer Straße, Alvar Aallon katu.
AMERICAN_TYPES = words_of(
    "st street ave av avenue blvd boulevard boul rd road dr drive ln lane ct court pl place plz plaza "
    "pkwy pky parkway "
    "hwy highway ter terr terrace cir circle way trl trail sq square expy expressway fwy freeway aly "
    "alley xing crossing "
    "loop pike tpke turnpike close crescent cres mews walk row path bridge brg bridges viaduct bypass "
    "causeway"
)
EUROPEAN_TYPES = words_of(
    "strasse str weg gasse gass platz allee ring damm ufer steig steg promenade chaussee markt brucke "
    "katu kadun kadulla tie tien kuja kujan polku aukio aukion tori torin ranta rannan raitti kaari "
    "puistotie puistokuja "
    "gatan gata vagen vag grand torget vej gade vei veien straat laan plein gracht kade dijk utca utja "
    "ulica ulice trg"
)
# What compounds end with: Hauptstraße, Mühlgasse, Liisankatu, Storgatan.
COMPOUND_ENDINGS = tuple(
    sorted(
        words_of(
            "strasse str gasse gass gassle gassli gaessle weg wegli wag platz allee damm ufer steig brucke "
            "chaussee promenade "
            "katu kadun kadulla kadulle kuja kujan kujalla polku polun aukio aukion ranta rannan raitti "
            "penger puistikko kaytava "
            "gatan gata vagen grand torget straat laan plein gracht kade dijk utca ulica prospekt"
        )
    )
)
# The same, but common in other words too (during, necktie): only before a house number.
WEAK_ENDINGS = tuple(
    sorted(
        words_of(
            "ring tie tien tiella tori torin steg markt winkel garten berg hof feld acker bach vej gade vei "
            "tunneli silta"
        )
    )
)
FINNISH_WEAK = ("tie", "tien", "tiella", "tielle")
# Words that come before the name: rue de la Paix, Via Roma, ulica Długa.
LEADING_TYPES = words_of(
    "rue avenue boulevard chemin place route quai impasse allee cours via viale piazza piazzale corso "
    "vicolo strada largo "
    "calle avenida plaza paseo camino carrer carretera rua praca travessa ulica ul aleja al plac os"
)
SQUARES = words_of("platz strasse allee weg")  # Platz der Republik, Straße der Einheit
LINKS = words_of("de du des la le les l d della dei degli del di da do dos das y et von van der den dem")
# German names that begin with a preposition: Am Steg 5, Im Malbun, Auf der Lände 3.
PREPOSITIONS = words_of(
    "am an auf bei beim im in zum zur unter ob obere oberer unterer untere hinter vor vom"
)
DIRECTIONS = {
    "n": "N", "s": "S", "e": "E", "w": "W", "ne": "NE", "nw": "NW", "se": "SE", "sw": "SW",
    "north": "N", "south": "S", "east": "E", "west": "W",
    "northeast": "NE", "northwest": "NW", "southeast": "SE", "southwest": "SW",
    "northern": "N", "southern": "S", "eastern": "E", "western": "W",
    "nord": "N", "norden": "N", "sud": "S", "suden": "S", "ost": "E", "osten": "E", "westen": "W",
    "nordlich": "N", "sudlich": "S", "ostlich": "E", "westlich": "W", "nordost": "NE", "nordwest": "NW",
    "sudost": "SE", "sudwest": "SW", "nordostlich": "NE", "nordwestlich": "NW", "sudostlich": "SE",
    "sudwestlich": "SW", "pohjoiseen": "N", "etelaan": "S", "itaan": "E", "lanteen": "W",
    "norr": "N", "soder": "S", "oster": "E", "vaster": "W", "norrut": "N", "soderut": "S", "osterut": "E",
    "vasterut": "W", "nordvast": "NW", "sydost": "SE", "sydvast": "SW", "syd": "S",
    "koilliseen": "NE", "luoteeseen": "NW", "kaakkoon": "SE", "lounaaseen": "SW",
    "pohjoispuolella": "N", "etelapuolella": "S", "itapuolella": "E", "lansipuolella": "W",
}  # fmt: skip
# Words that are no part of a name.
STOP = words_of(
    "a an the at on in by to from of for and or is are was were be been has have had near next opposite "
    "across behind "
    "under below beside between front corner intersection junction crossing entrance side since with "
    "without no not "
    "there this that these those my our your their his her it its i we you they please broken out off "
    "down light lights "
    "lamp pole pothole garbage trash tree graffiti water leak alley block floor apt unit suite about "
    "around along toward "
    "towards outside inside into onto over just street-light "
    "der die das den dem des ein eine einer einem einen und oder ist sind war in im am an auf aus bei "
    "beim mit nach seit "
    "von vom vor zu zum zur fur gegen gegenuber neben nahe hinter unter uber zwischen ecke kreuzung nicht "
    "kein keine es "
    "wir ich sie er hier dort defekt kaputt laterne lampe ausgefallen bitte wegen nahe hohe richtung "
    "strassenlampe "
    "ja tai on ei ovat kohdalla lahella vieressa takana edessa alla valissa kulma kulmassa risteys "
    "risteyksessa vastapaata "
    "le la les un une et ou est sont dans sur au aux pres devant derriere en face chez "
    "jan feb mar apr jun jul aug sep oct nov dec january february march april june july august september "
    "october november "
    "december monday tuesday wednesday thursday friday saturday sunday januar februar marz mai juni juli "
    "oktober dezember "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag today yesterday tomorrow heute gestern "
    "morgen tonight "
    "phone tel telephone call telefon puh mobile"
)
# Adjectives before a compound street: Obere Bergstraße, Iso Roobertinkatu; those in -er and -inen too.
ADJECTIVES = words_of(
    "alte alter altes neue neuer grosse grosser gross kleine kleiner klein obere oberer untere unterer "
    "vordere hintere "
    "lange kurze hohe innere aussere iso pieni vanha uusi suuri yla ala itainen lantinen pohjoinen "
    "etelainen pohj lant it "
    "et norra sodra ostra vastra stora lilla sankt st"
)
JOINING = words_of("& / + @ and at und ecke ja och og et x n by y e an mit corner cross")
PLAIN_JOINING = words_of("and at und ja och og et by y e an mit n x")  # these join streets and much else
STATES = words_of(
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc "
    "nd oh ok or pa ri "
    "sc sd tn tx ut vt va wa wv wi wy dc usa us"
)
CODED = (
    "light pole|utility pole|power pole|lamp post|lamppost|lamp pole|pole|street light|streetlight"
    "|street lamp|lamp|manhole cover|manhole|catch basin|storm drain|drain|fire hydrant|hydrant"
    "|traffic signal|signal|bus stop|stop|parking meter|meter|transformer|cabinet|camera|sign|tree|bench"
    "|bin|asset|facility|laternenmast|lichtmast|strassenlaterne|straßenlaterne|laterne|leuchte|lichtpunkt"
    "|mast|schachtdeckel|schacht|kanaldeckel|gully|baum|haltestelle|anlage|valaisinpylväs|valaisin|lamppu"
    "|pylväs|kaivonkansi|kaivo|lampadaire|regard|poteau"
)
