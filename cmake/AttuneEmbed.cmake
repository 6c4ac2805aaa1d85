# attune_embed(TARGET NAME dir-relative-root files...): compiles files into TARGET as
# `attune::embedded::NAME()`, a sorted span of {path, bytes}. Uses the assembler's .incbin: no file
# grows into a C array, and rebuilds follow the files.
function(attune_embed target name root)
  set(asm "${CMAKE_BINARY_DIR}/generated/embedded/${name}.cpp")
  string(JOIN "|" joined ${ARGN})
  add_custom_command(OUTPUT "${asm}"
    COMMAND ${CMAKE_COMMAND} "-DOUT=${asm}" "-DNAME=${name}" "-DROOT=${root}" "-DFILES=${joined}"
            -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS ${ARGN} "${CMAKE_SOURCE_DIR}/cmake/embed.cmake" VERBATIM)
  # The library belongs to another directory than the caller's libraries.cmake, and a rule made here
  # is only known there through a target.
  add_custom_target(embed_${name} DEPENDS "${asm}")
  add_dependencies(${target} embed_${name})
  set_source_files_properties("${asm}" TARGET_DIRECTORY ${target} PROPERTIES GENERATED TRUE
    OBJECT_DEPENDS "${ARGN}" COMPILE_OPTIONS "-Wno-pedantic")
  target_sources(${target} PRIVATE "${asm}")
endfunction()
