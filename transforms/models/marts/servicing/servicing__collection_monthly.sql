with aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     summed as (
         select as_of, product_code, branch_id, entity_id, currency,
                count(*) filter (where amount_due > 0) as loans_due,
                cast(sum(amount_due) as decimal(18,2)) as amount_due,
                cast(sum(amount_collected) as decimal(18,2)) as amount_collected
         from aged
         group by all
     ),
     final as (
         select *,
                case when amount_collected >= 0 then {{ share('amount_collected', 'amount_due') }} end
                    as collection_efficiency
         from summed
     )
select * from final
