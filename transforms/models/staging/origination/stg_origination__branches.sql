with received as (select * from {{ source('bronze', 'branches') }}),
     versions as (
         select *, row_number() over (partition by branch_id order by received_at desc, row_number desc) as version_number
         from received
     ),
     final as (
         select
             branch_id, entity_id,
             branch_name, state_code, postal_code,
             opened_on,
             source, batch_id, received_at
         from versions
         -- a later row with a known key replaces the earlier one
         where version_number = 1
     )
select * from final
